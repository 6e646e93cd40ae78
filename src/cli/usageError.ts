/** The command line itself cannot be understood: exit code 2 and a hint to the help. */
export class UsageError extends Error {
  constructor(
    message: string,
    /** The command whose help tells more, if one was named. */
    readonly command?: string,
  ) {
    super(message);
    this.name = "UsageError";
  }
}
