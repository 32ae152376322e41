/** Whether an error of this name, which another thread has thrown, is a node's: it did not give what was asked of it. */
export function isOfNode(name: string): boolean {
  return /^(Rpc|BlockUnknown)/.test(name);
}
