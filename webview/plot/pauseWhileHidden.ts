/** A hidden panel asks for nothing new. */
import type { PictureData } from "./pictureData";

/** @param onChange told when the panel is hidden or shown. @returns what ends it. */
export function pauseWhileHidden({ tiles, blocks, magnitudes }: PictureData, onChange: () => void): () => void {
  const onVisibility = (): void => {
    const hidden = document.visibilityState === "hidden";
    for (const loader of [tiles, blocks, magnitudes]) loader.setPaused(hidden);
    onChange();
  };
  onVisibility();
  document.addEventListener("visibilitychange", onVisibility);
  return () => document.removeEventListener("visibilitychange", onVisibility);
}
