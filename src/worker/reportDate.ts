/** When a report is written. */

/**
 * Now, unless SOURCE_DATE_EPOCH (seconds since 1970, reproducible-builds.org) says when: then the same input gives the
 * same file.
 */
export function reportDate(environment: Readonly<Record<string, string | undefined>> = process.env): Date {
  const { SOURCE_DATE_EPOCH: given = "" } = environment;
  const said = new Date(/^\d+$/.test(given) ? 1000 * Number(given) : Number.NaN);
  return Number.isNaN(said.getTime()) ? new Date() : said;
}
