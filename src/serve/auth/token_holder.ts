/** What a token lets its holder do: `read` asks, `admin` also sees the configuration and ends the
 * queries of others. */
export type Role = "read" | "admin";

/** Whom a token was given to. */
export interface TokenHolder {
  readonly name: string;
  readonly role: Role;
  /** False once the token was replaced or taken out of its file. */
  readonly isValid: () => boolean;
}

/** Decides whose a bearer token is. */
export interface TokenVerifier {
  /** Null for a token that opens nothing. */
  verify(token: string): TokenHolder | null;
}

/** Asks one after the other. */
export function anyOf(verifiers: readonly TokenVerifier[]): TokenVerifier {
  return {
    verify(token) {
      for (const verifier of verifiers) {
        const holder = verifier.verify(token);
        if (holder !== null) return holder;
      }
      return null;
    },
  };
}
