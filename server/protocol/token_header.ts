/**
 * A request can carry its token here instead of in `Authorization`, which a gateway in front of the server may need for
 * itself (Basic authentication) or replace. It takes precedence over `Authorization`.
 */
export const TOKEN_HEADER = "x-halley-token";
