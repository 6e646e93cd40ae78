/** Saves a picture that an inspector has drawn, where the person wants it. */
import * as vscode from "vscode";
import type { PictureFile } from "../../protocol/inspector";
import { fileStem, pictureContent } from "./pictureContent";
import { askWhere, saveFile } from "./saveFile";

export async function savePicture(picture: PictureFile): Promise<void> {
  const content = pictureContent(picture);
  const uri = await askWhere(vscode.l10n.t("Save the Picture"), fileStem(picture.name), picture.format);
  if (uri) await saveFile(uri, content);
}
