/** Keeps every frame that the server wrote to a client. */
export class Recorder {
  readonly heard: unknown[] = [];

  socket(): typeof WebSocket {
    const { heard } = this;
    return class extends WebSocket {
      constructor(address: string | URL, protocol?: string | string[]) {
        super(address, protocol);
        this.addEventListener("message", (event) => heard.push(JSON.parse(String(event.data))));
      }
    };
  }
}
