/** A tar archive of `files`, in ustar; an entry of another `kind` too, such as "L" or "x". */
export function packTar(files: readonly { name: string; text: string; kind?: string }[]): Uint8Array {
  const parts = files.flatMap(({ name, text, kind }) => {
    const bytes = Buffer.from(text);
    return [header(name, bytes.length, kind ?? "0"), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function header(name: string, size: number, kind: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, 100);
  block.write("0000644\0", 100);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("        ", 148);
  block.write(kind, 156);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
