"""Fits the linear model of hostility, and makes whole numbers of its weights.

Logistic regression with an L2 penalty, by L-BFGS, whose features are scaled by the log-count ratio of their classes
(Wang and Manning 2012).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from detectors.hostility.features import BUCKETS, hashed, is_chinese
from detectors.hostility.linear import LinearModel
from detectors.hostility.normal import normalise

Floats = NDArray[np.float64]

_AT_ONCE: Final = 2048
_ITERATIONS: Final = 50
_LARGEST: Final = 1023
"""The largest weight as a whole number."""


def features(texts: Sequence[str]) -> Any:
    """The features of texts, a sparse matrix of shape `(n, BUCKETS + 2)`: two of them stand for the intercepts."""
    parts = []
    for start in range(0, len(texts), _AT_ONCE):
        lines = normalise(texts[start : start + _AT_ONCE])
        row, bucket = hashed(lines)
        count = np.bincount(row, minlength=len(lines))
        rows = np.append(row, np.arange(len(lines)))
        columns = np.append(bucket, BUCKETS + is_chinese(lines))
        values = np.append(1.0 / np.sqrt(count[row]), np.ones(len(lines)))
        parts.append(sparse.csr_matrix((values, (rows, columns)), shape=(len(lines), BUCKETS + 2)))
    return sparse.vstack(parts, format="csr")


def fit(name: str, matrix: Any, hostile: NDArray[np.bool_], weight: Floats) -> LinearModel:
    """The model for `features` of texts, their labels and weights; the greater the weights, the closer it fits."""
    ratio = _ratio(matrix, hostile)
    used = np.flatnonzero(np.bincount(matrix.indices, minlength=BUCKETS + 2))
    scaled = (matrix[:, used] @ sparse.diags(ratio[used])).tocsr()
    turned = scaled.T.tocsr()
    sign = np.where(hostile, 1.0, -1.0)

    def loss(point: Floats) -> tuple[float, Floats]:
        margin = sign * (scaled @ point)
        slope = -sign * weight / (1.0 + np.exp(np.clip(margin, -30.0, 30.0)))
        value = float(weight @ np.logaddexp(0.0, -margin)) + 0.5 * float(point @ point)
        return value, turned @ slope + point

    found = minimize(
        loss, np.zeros(len(used)), jac=True, method="L-BFGS-B", options={"maxiter": _ITERATIONS, "maxcor": 8}
    )
    weights = np.zeros(BUCKETS + 2)
    weights[used] = found.x * ratio[used]
    return _whole(name, weights)


def _ratio(matrix: Any, hostile: NDArray[np.bool_]) -> Floats:
    """How much more usual a feature is in one class than in the other, apart for the two halves of the buckets."""
    seen = matrix.copy()
    seen.data[:] = 1.0
    halves = np.arange(BUCKETS) // (BUCKETS // 2)
    shares = []
    for rows in (seen[hostile], seen[~hostile]):
        counts = 1.0 + np.asarray(rows.sum(axis=0)).ravel()[:BUCKETS]
        shares.append(counts / np.bincount(halves, counts)[halves])
    return np.append(np.abs(np.log(shares[0] / shares[1])), [1.0, 1.0])


def _whole(name: str, weights: Floats) -> LinearModel:
    scale = float(f"{max(float(np.abs(weights[:BUCKETS]).max()), 1e-9) / _LARGEST:.6g}")
    whole = np.clip(np.rint(weights[:BUCKETS] / scale), -_LARGEST, _LARGEST).astype(np.int16)
    english, chinese = (round(float(weight), 6) for weight in weights[BUCKETS:])
    return LinearModel(name, whole, scale, (english, chinese))
