import type { FastifyHelmetOptions } from "@fastify/helmet";

/** Answers of the API hold what attackers typed: no browser may render, frame, sniff or keep them. */
export const apiHeaders: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  crossOriginOpenerPolicy: { policy: "same-origin" },
  crossOriginResourcePolicy: { policy: "same-origin" },
  referrerPolicy: { policy: "no-referrer" },
  xFrameOptions: { action: "deny" },
  // Browsers heed it over TLS alone; a daemon that goes back to plain HTTP must stay in reach.
  strictTransportSecurity: false,
};

/** The page runs its own files only: no inline script or style, no other host, no frame, no form. */
export const pageSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");
