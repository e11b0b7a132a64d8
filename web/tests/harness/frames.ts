/** Reads what a browser says over its socket: text frames, as RFC 6455 masks them. */
export class FrameReader {
  #bytes = Buffer.alloc(0);

  /** The texts that are complete with these bytes. */
  read(bytes: Buffer): string[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const texts: string[] = [];
    for (let frame = this.#next(); frame !== null; frame = this.#next()) if (frame.isText) texts.push(frame.text);
    return texts;
  }

  #next(): { isText: boolean; text: string } | null {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    const short = bytes.readUInt8(1) & 0x7f;
    const sized = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (bytes.length < 2 + sized + 4) return null;
    const length = sized === 0 ? short : sized === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    const begin = 2 + sized + 4;
    if (bytes.length < begin + length) return null;
    const mask = bytes.subarray(begin - 4, begin);
    const masked = bytes.subarray(begin, begin + length);
    this.#bytes = bytes.subarray(begin + length);
    const plain = masked.map((byte, index) => byte ^ mask.readUInt8(index % 4));
    return { isText: (bytes.readUInt8(0) & 0x0f) === 1, text: Buffer.from(plain).toString() };
  }
}
