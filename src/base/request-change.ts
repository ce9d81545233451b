/** What a finding's remedy changes in a request, for whoever can make the change: `plan` applies it to a text. */
export interface RequestChange {
  /** Whose keys change, by name; absent where the request has one guest. */
  readonly guest?: string;
  readonly key: string;
  /** Entries that the key's list gets. */
  readonly add?: readonly string[];
  /** Entries that it loses, whichever of these it has. */
  readonly remove?: readonly string[];
  /** What the key is set to. */
  readonly value?: unknown;
}
