/** The address of the socket of a server; of the page's own where it is empty. */
export function socketAddress(base: string): string {
  const address = new URL("socket", `${base === "" ? location.origin : base.replace(/\/$/, "")}/`);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}
