// What is covered while one codes: boxes on the cut-out face, and the same places on the film.

const WIDER = 0.15;

// Boxes are (x0, y0, x1, y1) in px of the picture; in per cent they fit a picture of any size on the screen.
export function coverFace(place, frame) {
  for (const name of ["mouth", "eyes"]) {
    const cover = place.querySelector(`.cover.${name}`) ?? place.appendChild(Object.assign(document.createElement("span"), { className: `cover ${name}` }));
    const [x0, y0, x1, y1] = frame.regions[name] ?? [0, name === "mouth" ? frame.size / 2 : 0, frame.size, name === "mouth" ? frame.size : frame.size / 2];
    Object.assign(cover.style, { left: share(x0, frame), top: share(y0, frame), width: share(x1 - x0, frame), height: share(y1 - y0, frame) });
  }
}

const share = (px, frame) => `${(100 * px) / frame.size}%`;

// The corners of a region in px of the film: through the frame's transform (film to picture), the other way round.
function corners(frame, name) {
  const box = frame.regions[name];
  if (!box || !frame.to_aligned) return null;
  const [[a, b, c], [d, e, f]] = frame.to_aligned;
  const det = a * e - b * d;
  if (!det) return null;
  const [x0, y0, x1, y1] = box;
  const dx = WIDER * (x1 - x0);
  const dy = WIDER * (y1 - y0);
  const around = [[x0 - dx, y0 - dy], [x1 + dx, y0 - dy], [x1 + dx, y1 + dy], [x0 - dx, y1 + dy]];
  return around.map(([x, y]) => [(e * (x - c) - b * (y - f)) / det, (a * (y - f) - d * (x - c)) / det].map((px) => px.toFixed(1)).join(",")).join(" ");
}

// Cover the film as on the kept frames before and after this moment: the face may move between them.
export function coverFilm(veil, video, frames, index, covers) {
  if (!video.videoWidth) return;
  veil.setAttribute("viewBox", `0 0 ${video.videoWidth} ${video.videoHeight}`);
  const after = frames.findIndex((frame) => frame.frame >= index);
  const near = after < 0 ? frames.slice(-1) : frames.slice(Math.max(0, after - 1), after + 1);
  const shapes = [];
  for (const name of covers) {
    for (const frame of near) {
      const points = corners(frame, name);
      const shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
      // Where nothing is known the whole film is covered: nobody sees by accident what is to be covered.
      shape.setAttribute("points", points ?? `0,0 ${video.videoWidth},0 ${video.videoWidth},${video.videoHeight} 0,${video.videoHeight}`);
      shapes.push(shape);
    }
  }
  veil.replaceChildren(...shapes);
}
