/** Model ids of a hub (`organisation/name`): recognised to help, never looked up. */

const HUB_ID = /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/;
/** A folder of the hub's local cache: `models--organisation--name`. */
const CACHE_FOLDER = /^models--([A-Za-z0-9](?:[\w.]|-(?!-))*)--([A-Za-z0-9](?:[\w.]|-(?!-))*)$/;

/** Whether a path that a person wrote could as well be the id of a model on a hub, with or without a revision. */
export const looksLikeHubId = (written: string): boolean => HUB_ID.test(written.replace(/@[\w./-]+$/, ""));

/** The id of the model that lies at `path`, where the path is one of the hub's local cache. */
export function hubIdOf(path: string): string | undefined {
  for (const part of path.split(/[\\/]+/)) {
    const [, organisation, name] = CACHE_FOLDER.exec(part) ?? [];
    if (organisation && name) return `${organisation}/${name}`;
  }
  return undefined;
}
