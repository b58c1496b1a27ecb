/** A member by name, of a struct. */
export interface Member {
  readonly name: string;
  /** Undefined where the type is not known. */
  readonly tag: string | undefined;
}

/** Something that code compares with the physical address of RAM, and relies on both being the same. */
export interface Identity {
  /** The function that compares. */
  readonly function: string;
  /** The variable, or the member that is compared. */
  readonly variable?: string;
  readonly member?: Member;
}
