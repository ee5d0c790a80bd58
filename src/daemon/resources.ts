import { messageOf } from "../errors.js";

/** Closes what was opened, newest first; what fails to close does not keep the rest open. */
export class Resources {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];

  /** Remembers how to close something, and hands it through. */
  add<T>(name: string, resource: T, close: (resource: T) => Promise<void> | void): T {
    this.#closers.push({ name, close: () => close(resource) });
    return resource;
  }

  /** Names and causes of what could not be closed. */
  async close(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (const { name, close } of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        failures.push(`${name}: ${messageOf(error)}`);
      }
    }
    return failures;
  }
}
