"""Recordings and annotation sheets become clips; here too the synthetic film.

``load(name, root)`` gives the clips of a data set, ``open_corpus`` also what has to be said about it, ``datasets`` are
the names, ``label_sets`` the classes that clips can be given.
"""

from micromask.datasets import (  # noqa: F401  (each enters itself in the registry)
    cas_me_2,
    cas_me_3,
    casme,
    casme2,
    clip_table,
    flow_folder,
    flow_table,
    four_dme,
    image_folder,
    megc2019,
    mmed_fst,
    mmew,
    samm,
    samm_lv,
    smic,
    smic_e,
    synthetic_corpus,
)
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets, load, open_corpus
from micromask.datasets.labels import LabelSet, label_clips, label_sets

__all__ = ["Corpus", "LabelSet", "LoadOptions", "datasets", "label_clips", "label_sets", "load", "open_corpus"]
