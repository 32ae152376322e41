import { RpcRefused, RpcUnreachable } from "@testudo/chain/rpc/RpcError";

// No connection was made, or none that could be trusted: the bytes have not left. Or a door keeper turned them away by HTTP.
const notTaken =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_TLS_\w+|\w*CERT\w*|HTTP status 4\d\d)$/;

/** Whether whoever was to take signed bytes has them not, by all that `error` shows. Who gave no proper answer may have them. */
export function isNotTaken(error: unknown): boolean {
  return error instanceof RpcRefused || (error instanceof RpcUnreachable && notTaken.test(error.reason));
}
