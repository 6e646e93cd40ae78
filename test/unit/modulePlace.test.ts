/** Layers and kinds of modules, told from the tensor names of real checkpoints. */
import { expect, test } from "vitest";
import { modulePlace } from "../../src/protocol/modulePlace";

/** Name → `layer | kind`, as one reads it. */
const place = (name: string): string => {
  const { layer, kind } = modulePlace(name);
  return `${layer} | ${kind}`;
};

const ARCHITECTURES: Record<string, Record<string, string>> = {
  Llama: {
    "model.embed_tokens.weight": " | embed",
    "model.layers.31.self_attn.q_proj.weight": "model.layers.31 | q",
    "model.layers.31.self_attn.k_proj.weight": "model.layers.31 | k",
    "model.layers.31.self_attn.v_proj.weight": "model.layers.31 | v",
    "model.layers.31.self_attn.o_proj.weight": "model.layers.31 | o",
    "model.layers.31.mlp.gate_proj.weight": "model.layers.31 | gate",
    "model.layers.31.mlp.up_proj.weight": "model.layers.31 | up",
    "model.layers.31.mlp.down_proj.weight": "model.layers.31 | down",
    "model.layers.31.input_layernorm.weight": "model.layers.31 | norm",
    "model.layers.31.post_attention_layernorm.weight": "model.layers.31 | norm",
    "model.norm.weight": " | norm",
    "lm_head.weight": " | head",
  },
  "Llama as published": {
    "tok_embeddings.weight": " | embed",
    "layers.0.attention.wq.weight": "layers.0 | q",
    "layers.0.attention.wo.weight": "layers.0 | o",
    "layers.0.feed_forward.w1.weight": "layers.0 | gate",
    "layers.0.feed_forward.w2.weight": "layers.0 | down",
    "layers.0.feed_forward.w3.weight": "layers.0 | up",
    "layers.0.ffn_norm.weight": "layers.0 | norm",
    "output.weight": " | head",
  },
  "Qwen with biases and head norms": {
    "model.layers.2.self_attn.q_proj.bias": "model.layers.2 | bias",
    "model.layers.2.self_attn.q_norm.weight": "model.layers.2 | norm",
  },
  "Phi-3": {
    "model.layers.0.self_attn.qkv_proj.weight": "model.layers.0 | qkv",
    "model.layers.0.mlp.gate_up_proj.weight": "model.layers.0 | gate+up",
  },
  Mixtral: {
    "model.layers.0.block_sparse_moe.gate.weight": "model.layers.0 | router",
    "model.layers.0.block_sparse_moe.experts.7.w1.weight": "model.layers.0 | gate",
    "model.layers.0.block_sparse_moe.experts.7.w2.weight": "model.layers.0 | down",
    "model.layers.0.block_sparse_moe.experts.7.w3.weight": "model.layers.0 | up",
  },
  "Qwen MoE": {
    "model.layers.4.mlp.gate.weight": "model.layers.4 | router",
    "model.layers.4.mlp.experts.59.up_proj.weight": "model.layers.4 | up",
    "model.layers.4.mlp.shared_expert.up_proj.weight": "model.layers.4 | shared up",
  },
  "GPT-2": {
    "wte.weight": " | embed",
    "transformer.wpe.weight": " | position",
    "h.0.ln_1.weight": "h.0 | norm",
    "h.0.attn.c_attn.weight": "h.0 | qkv",
    "h.0.attn.c_attn.bias": "h.0 | bias",
    "h.0.attn.c_proj.weight": "h.0 | o",
    "transformer.h.11.mlp.c_fc.weight": "transformer.h.11 | up",
    "transformer.h.11.mlp.c_proj.weight": "transformer.h.11 | down",
    "ln_f.weight": " | norm",
  },
  "GPT-NeoX": {
    "gpt_neox.embed_in.weight": " | embed",
    "gpt_neox.layers.3.attention.query_key_value.weight": "gpt_neox.layers.3 | qkv",
    "gpt_neox.layers.3.attention.dense.weight": "gpt_neox.layers.3 | o",
    "gpt_neox.layers.3.mlp.dense_h_to_4h.weight": "gpt_neox.layers.3 | up",
    "gpt_neox.layers.3.mlp.dense_4h_to_h.weight": "gpt_neox.layers.3 | down",
    "embed_out.weight": " | head",
  },
  OPT: {
    "model.decoder.embed_positions.weight": " | position",
    "model.decoder.layers.5.self_attn.out_proj.weight": "model.decoder.layers.5 | o",
    "model.decoder.layers.5.fc1.weight": "model.decoder.layers.5 | up",
    "model.decoder.layers.5.final_layer_norm.bias": "model.decoder.layers.5 | norm",
  },
  T5: {
    "shared.weight": " | embed",
    "encoder.block.0.layer.0.SelfAttention.q.weight": "encoder.block.0 | q",
    "encoder.block.0.layer.0.SelfAttention.o.weight": "encoder.block.0 | o",
    "encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight": "encoder.block.0 | position",
    "encoder.block.0.layer.0.layer_norm.weight": "encoder.block.0 | norm",
    "encoder.block.0.layer.1.DenseReluDense.wi.weight": "encoder.block.0 | up",
    "encoder.block.0.layer.1.DenseReluDense.wi_0.weight": "encoder.block.0 | gate",
    "encoder.block.0.layer.1.DenseReluDense.wi_1.weight": "encoder.block.0 | up",
    "decoder.block.10.layer.2.DenseReluDense.wo.weight": "decoder.block.10 | down",
    "decoder.block.10.layer.1.EncDecAttention.k.weight": "decoder.block.10 | cross k",
    "decoder.final_layer_norm.weight": " | norm",
  },
  BERT: {
    "bert.embeddings.word_embeddings.weight": " | embed",
    "bert.embeddings.position_embeddings.weight": " | position",
    "bert.embeddings.token_type_embeddings.weight": " | embed",
    "bert.embeddings.LayerNorm.weight": " | norm",
    "bert.embeddings.LayerNorm.gamma": " | norm",
    "bert.encoder.layer.11.attention.self.query.weight": "bert.encoder.layer.11 | q",
    "bert.encoder.layer.11.attention.self.value.bias": "bert.encoder.layer.11 | bias",
    "bert.encoder.layer.11.attention.output.dense.weight": "bert.encoder.layer.11 | o",
    "bert.encoder.layer.11.attention.output.LayerNorm.bias": "bert.encoder.layer.11 | norm",
    "bert.encoder.layer.11.intermediate.dense.weight": "bert.encoder.layer.11 | up",
    "bert.encoder.layer.11.output.dense.weight": "bert.encoder.layer.11 | down",
    "bert.pooler.dense.weight": " | head",
    "cls.predictions.transform.dense.weight": " | head",
    "classifier.bias": " | head",
  },
  ViT: {
    "vit.embeddings.cls_token": " | embed",
    "vit.embeddings.position_embeddings": " | position",
    "vit.embeddings.patch_embeddings.projection.weight": " | embed",
    "vit.encoder.layer.3.attention.attention.key.weight": "vit.encoder.layer.3 | k",
    "vit.encoder.layer.3.attention.output.dense.weight": "vit.encoder.layer.3 | o",
    "vit.encoder.layer.3.layernorm_before.weight": "vit.encoder.layer.3 | norm",
    "vit.encoder.layer.3.output.dense.weight": "vit.encoder.layer.3 | down",
    "vit.layernorm.weight": " | norm",
    "classifier.weight": " | head",
  },
  "ViT of timm": {
    cls_token: " | embed",
    pos_embed: " | position",
    "patch_embed.proj.weight": " | embed",
    "blocks.0.attn.qkv.weight": "blocks.0 | qkv",
    "blocks.0.attn.proj.weight": "blocks.0 | o",
    "blocks.0.mlp.fc1.weight": "blocks.0 | up",
    "blocks.0.mlp.fc2.weight": "blocks.0 | down",
    "blocks.0.norm1.weight": "blocks.0 | norm",
    "head.weight": " | head",
  },
  CLIP: {
    "text_model.embeddings.token_embedding.weight": " | embed",
    "text_model.encoder.layers.0.self_attn.out_proj.weight": "text_model.encoder.layers.0 | o",
    "vision_model.encoder.layers.23.mlp.fc2.weight": "vision_model.encoder.layers.23 | down",
    "vision_model.encoder.layers.23.layer_norm1.weight": "vision_model.encoder.layers.23 | norm",
    "vision_model.embeddings.class_embedding": " | embed",
    "vision_model.embeddings.patch_embedding.weight": " | embed",
    "vision_model.pre_layrnorm.weight": " | norm",
    "visual_projection.weight": " | head",
    "text_projection.weight": " | head",
    logit_scale: " | logit_scale",
  },
  "CLIP as published": {
    positional_embedding: " | position",
    "visual.conv1.weight": " | conv 1",
    "visual.transformer.resblocks.0.attn.in_proj_weight": "visual.transformer.resblocks.0 | qkv",
    "visual.transformer.resblocks.0.attn.in_proj_bias": "visual.transformer.resblocks.0 | bias",
    "transformer.resblocks.11.mlp.c_proj.weight": "transformer.resblocks.11 | down",
    "transformer.resblocks.11.ln_2.bias": "transformer.resblocks.11 | norm",
    "visual.proj": " | head",
  },
  ResNet: {
    "conv1.weight": " | conv 1",
    "bn1.running_mean": " | norm",
    "layer1.0.conv1.weight": "layer1.0 | conv 1",
    "layer4.2.conv3.weight": "layer4.2 | conv 3",
    "layer4.2.bn3.num_batches_tracked": "layer4.2 | norm",
    "layer2.0.downsample.0.weight": "layer2.0 | downsample",
    "layer2.0.downsample.1.running_var": "layer2.0 | norm",
    "fc.weight": " | head",
  },
  "ResNet of transformers": {
    "resnet.embedder.embedder.convolution.weight": " | embed",
    "resnet.encoder.stages.0.layers.1.layer.0.convolution.weight": "resnet.encoder.stages.0.layers.1 | conv 1",
    "resnet.encoder.stages.0.layers.1.layer.2.normalization.weight": "resnet.encoder.stages.0.layers.1 | norm",
    "resnet.encoder.stages.0.layers.0.shortcut.convolution.weight": "resnet.encoder.stages.0.layers.0 | downsample",
    "classifier.1.weight": " | head",
  },
  "Convolutions in a row": {
    "features.0.weight": "features.0 | weight",
    "features.0.bias": "features.0 | bias",
    "classifier.6.weight": " | head",
  },
  Swin: {
    "layers.0.blocks.1.attn.qkv.weight": "layers.0.blocks.1 | qkv",
    "layers.0.blocks.1.attn.relative_position_bias_table": "layers.0.blocks.1 | position",
    "layers.0.downsample.reduction.weight": "layers.0 | downsample",
  },
  "U-Net": {
    "down_blocks.0.resnets.1.conv1.weight": "down_blocks.0.resnets.1 | conv 1",
    "down_blocks.0.attentions.1.transformer_blocks.0.attn2.to_k.weight":
      "down_blocks.0.attentions.1.transformer_blocks.0 | cross k",
    "down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_out.0.weight":
      "down_blocks.0.attentions.1.transformer_blocks.0 | o",
  },
  LoRA: {
    "base_model.model.model.layers.9.self_attn.q_proj.lora_A.weight": "base_model.model.model.layers.9 | q A",
    "base_model.model.model.layers.9.self_attn.q_proj.lora_B.default.weight": "base_model.model.model.layers.9 | q B",
    "base_model.model.model.layers.9.mlp.down_proj.lora_B.weight": "base_model.model.model.layers.9 | down B",
    "base_model.model.model.embed_tokens.lora_embedding_A": " | embed A",
    "base_model.model.model.layers.9.self_attn.k_proj.ia3_l": "base_model.model.model.layers.9 | k (IA)³",
    "lora_te_text_model_encoder_layers_0_self_attn_q_proj.lora_down.weight":
      "lora_te_text_model_encoder.layers.0 | q A",
    "lora_te_text_model_encoder_layers_0_mlp_fc1.alpha": "lora_te_text_model_encoder.layers.0 | up alpha",
  },
  Mamba: {
    "backbone.layers.0.mixer.in_proj.weight": "backbone.layers.0 | mixer.in",
    "backbone.layers.0.mixer.A_log": "backbone.layers.0 | mixer.A_log",
    "backbone.layers.0.mixer.conv1d.weight": "backbone.layers.0 | mixer.conv1d",
  },
  "Names of no known architecture": {
    "0.weight": "0 | weight",
    "model.layers.999.block.9.weight": "model.layers.999 | block.9",
    "tower/layer_3/thing/kernel": "tower.layer_3 | thing",
    "known.weight": " | known",
    w: " | w",
    "": " | weight",
  },
};

for (const [architecture, names] of Object.entries(ARCHITECTURES)) {
  test(architecture, () => {
    expect(Object.fromEntries(Object.keys(names).map((name) => [name, place(name)]))).toEqual(names);
  });
}
