"""Open film, give frames with their true times."""

from micromask.recordings.find import find_recordings, probe
from micromask.recordings.stream import FrameStream, read
from micromask.recordings.webcam import Webcam, webcam
from micromask.recordings.write import write_film, write_images

__all__ = ["FrameStream", "Webcam", "find_recordings", "probe", "read", "webcam", "write_film", "write_images"]
