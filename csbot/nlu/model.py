"""A bot's trained understanding as one artefact: a head for each language, in a safe format (npz without pickle)."""

import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from csbot.nlu.features import Vocabulary
from csbot.nlu.head import Calibration, Head, Linear

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = 1


class UnreadableArtefactError(ValueError):
    """The stored bytes are no intent model that this version reads. Train again: `manage.py csbot_train`."""


@dataclass(frozen=True, slots=True)
class IntentModel:
    """Heads by language; `space` names the sentence vectors the heads were fitted on, empty for none."""

    heads: Mapping[str, Head]
    space: str
    fingerprint: str
    """Of the examples it was fitted on: the same examples need no new training."""

    def to_bytes(self) -> bytes:
        """The artefact. Weights are stored in half precision: it changes no decision and halves the size."""
        import numpy as np

        arrays: dict[str, NDArray[Any]] = {}
        about: dict[str, Any] = {
            "format": FORMAT,
            "space": self.space,
            "fingerprint": self.fingerprint,
            "heads": [],
        }
        for number, (language, head) in enumerate(self.heads.items()):
            about["heads"].append(
                {
                    "language": language,
                    "classes": head.classes,
                    "unknown_idf": head.vocabulary.unknown_idf,
                    "calibrations": {
                        mode: {"blend": item.blend, "known": item.known} for mode, item in head.calibrations.items()
                    },
                }
            )
            features = "\n".join(head.vocabulary.places)
            arrays[f"{number}.features"] = np.frombuffer(features.encode(), np.uint8)
            arrays[f"{number}.idf"] = head.vocabulary.idf
            arrays[f"{number}.centres"] = head.centres.astype(np.float16)
            for name, linear in (("sparse", head.sparse), ("dense", head.dense), ("joint", head.joint)):
                if linear is not None:
                    arrays[f"{number}.{name}.weights"] = linear.weights.astype(np.float16)
                    arrays[f"{number}.{name}.bias"] = linear.bias
            if head.examples is not None:
                arrays[f"{number}.examples"] = head.examples.astype(np.float16)
        arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
        stored = io.BytesIO()
        np.savez_compressed(stored, allow_pickle=False, **arrays)
        return stored.getvalue()

    @classmethod
    def from_bytes(cls, artefact: bytes) -> "IntentModel":
        """The model stored by `to_bytes`; raises `UnreadableArtefactError`."""
        import numpy as np

        try:
            with np.load(io.BytesIO(artefact), allow_pickle=False) as arrays:
                about = json.loads(arrays["about"].tobytes())
                if about["format"] != FORMAT:
                    raise UnreadableArtefactError(f"format {about['format']}, this version reads {FORMAT}")
                heads = {item["language"]: _head(item, number, arrays) for number, item in enumerate(about["heads"])}
                return cls(heads, about["space"], about["fingerprint"])
        except UnreadableArtefactError:
            raise
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
            raise UnreadableArtefactError(f"the stored model is damaged: {error}") from error


def _head(about: dict[str, Any], number: int, arrays: Any) -> Head:
    import numpy as np

    def read(name: str) -> "NDArray[np.float32]":
        return arrays[f"{number}.{name}"].astype(np.float32)  # type: ignore[no-any-return]

    def linear(name: str) -> Linear | None:
        if f"{number}.{name}.weights" not in arrays:
            return None
        return Linear(read(f"{name}.weights"), read(f"{name}.bias"))

    features = arrays[f"{number}.features"].tobytes().decode()
    places = {feature: place for place, feature in enumerate(features.split("\n"))}
    sparse = linear("sparse")
    if sparse is None:
        raise KeyError("sparse")
    calibrations = {
        mode: Calibration(tuple(item["blend"]), tuple(item["known"])) for mode, item in about["calibrations"].items()
    }
    return Head(
        classes=tuple(about["classes"]),
        vocabulary=Vocabulary(places, read("idf"), float(about["unknown_idf"])),
        sparse=sparse,
        centres=read("centres"),
        dense=linear("dense"),
        joint=linear("joint"),
        examples=read("examples") if f"{number}.examples" in arrays else None,
        calibrations=calibrations,
    )
