// Reads when the video frames of a WebM film are shown, while the film is still being recorded.
//
// Matroska: an element is an id, a size and data; both numbers carry their own length in their leading bits. Specified
// in RFC 9559 (elements) and RFC 8794 (EBML).

const INSIDE = new Set([0x18538067, 0x1f43b675, 0x1654ae6b, 0xae, 0xa0, 0x1549a966]); // segment, cluster, tracks, entry, group, info
const TRACK_NUMBER = 0xd7;
const TRACK_TYPE = 0x83;
const TRACK_ENTRY = 0xae;
const TIMESTAMP_SCALE = 0x2ad7b1;
const CLUSTER_TIME = 0xe7;
const BLOCKS = new Set([0xa3, 0xa1]);
const VIDEO = 1;

export class WebmTimes {
  constructor() {
    this.rest = new Uint8Array();
    this.scale = 1_000_000; // ns
    this.cluster = 0;
    this.track = null;
    this.video = null;
    this.times = []; // ms of each video frame, from the film's own zero
  }

  add(bytes) {
    const data = new Uint8Array(this.rest.length + bytes.length);
    data.set(this.rest);
    data.set(bytes, this.rest.length);
    let at = 0;
    for (;;) {
      const id = number(data, at, false);
      const size = id && number(data, id.end, true);
      if (!size) break;
      if (INSIDE.has(id.value)) {
        if (id.value === TRACK_ENTRY) this.track = null;
        at = size.end;
        continue;
      }
      const end = size.end + size.value;
      if (!(end <= data.length)) break;
      this.element(id.value, data.subarray(size.end, end));
      at = end;
    }
    this.rest = data.slice(at);
  }

  element(id, data) {
    if (id === TIMESTAMP_SCALE) this.scale = whole(data);
    else if (id === TRACK_NUMBER) this.track = whole(data);
    else if (id === TRACK_TYPE && whole(data) === VIDEO) this.video ??= this.track;
    else if (id === CLUSTER_TIME) this.cluster = whole(data);
    else if (BLOCKS.has(id)) {
      const track = number(data, 0, true);
      if (track.value !== this.video) return;
      const after = new DataView(data.buffer, data.byteOffset + track.end, 2).getInt16(0);
      this.times.push(((this.cluster + after) * this.scale) / 1e6);
    }
  }
}

// A number with its length in its leading bits, which belong to an id and not to a size; null where it is cut off.
function number(data, at, isSize) {
  if (at >= data.length || data[at] === 0) return null;
  const length = Math.clz32(data[at]) - 23;
  if (at + length > data.length) return null;
  let value = isSize ? data[at] & (0xff >> length) : data[at];
  let known = value !== 0xff >> length;
  for (let i = 1; i < length; i++) {
    value = value * 256 + data[at + i];
    known ||= data[at + i] !== 0xff;
  }
  return { value: isSize && !known ? Infinity : value, end: at + length };
}

function whole(data) {
  return data.reduce((value, byte) => value * 256 + byte, 0);
}
