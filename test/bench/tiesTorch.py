"""TIES in PyTorch as people write it, for comparison: METHOD OUT DENSITY BASE MODEL..., prints its figures as JSON.

kthvalue, topk, argsort: tensor by tensor, reading a tensor at a time. flattened: all task vectors as one matrix, one
threshold for the whole model, as the paper's reference program does it.
"""
import json
import os
import resource
import sys
import time

import torch
from safetensors import safe_open
from safetensors.torch import save_file

torch.set_num_threads(int(os.environ.get("BENCH_THREADS", "2")))


def keep_kthvalue(tau, density):
    flat = tau.abs().flatten()
    drop = flat.numel() - int(flat.numel() * density)
    return tau.abs() >= flat.kthvalue(drop).values if drop > 0 else torch.ones_like(tau, dtype=torch.bool)


def keep_topk(tau, density):
    mask = torch.zeros(tau.numel(), dtype=torch.bool)
    mask[torch.topk(tau.abs().flatten(), int(tau.numel() * density)).indices] = True
    return mask.view_as(tau)


def keep_argsort(tau, density):
    mask = torch.zeros(tau.numel(), dtype=torch.bool)
    mask[torch.argsort(tau.abs().flatten(), descending=True)[: int(tau.numel() * density)]] = True
    return mask.view_as(tau)


def merge(base, taus):
    gamma = torch.sign(taus.sum(0))
    agrees = taus * gamma > 0
    kept = torch.where(agrees, taus, torch.zeros((), dtype=taus.dtype))
    return base + kept.sum(0) / agrees.sum(0).clamp(min=1)


def by_tensor(keep, density, files):
    base, *models = files
    merged = {}
    for name in base.keys():
        stored = base.get_tensor(name)
        theta = stored.float()
        taus = torch.stack([model.get_tensor(name).float() - theta for model in models])
        for tau in taus:
            tau *= keep(tau, density)
        merged[name] = merge(theta, taus).to(stored.dtype)
    return merged


def flattened(density, files):
    base, *models = files
    names = list(base.keys())
    flat = lambda file: torch.cat([file.get_tensor(name).float().flatten() for name in names])
    theta = flat(base)
    taus = torch.stack([flat(model) - theta for model in models])
    drop = taus.shape[1] - int(taus.shape[1] * density)
    taus = taus * (taus.abs() >= taus.abs().kthvalue(drop, dim=1, keepdim=True).values)
    result = merge(theta, taus)
    merged, at = {}, 0
    for name in names:
        stored = base.get_tensor(name)
        merged[name] = result[at : at + stored.numel()].view_as(stored).to(stored.dtype)
        at += stored.numel()
    return merged


method, out, density, *paths = sys.argv[1:]
begin = time.perf_counter()
files = [safe_open(os.path.join(path, "model.safetensors"), "pt") for path in paths]
if method == "flattened":
    merged = flattened(float(density), files)
else:
    merged = by_tensor(globals()["keep_" + method], float(density), files)
save_file(merged, out)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({
    "seconds": time.perf_counter() - begin,
    "cpuSeconds": usage.ru_utime + usage.ru_stime,
    "peakBytes": usage.ru_maxrss * 1024,
}))
