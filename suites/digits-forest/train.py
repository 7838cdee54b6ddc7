# SPDX-License-Identifier: Apache-2.0
"""A random forest that reads handwritten digits. Writes out/model.joblib and out/metrics.json."""
import json
from pathlib import Path

import joblib
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
OUT = HERE / "out"


def main():
    params = json.loads((HERE / "params.json").read_text())
    images, digits = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        images, digits, test_size=params["test_share"], random_state=params["seed"], stratify=digits
    )
    model = RandomForestClassifier(
        n_estimators=params["trees"],
        max_leaf_nodes=params["leaves"],
        min_samples_leaf=params["min_leaf"],
        random_state=params["seed"],
        n_jobs=1,
    )
    model.fit(train_x, train_y)

    guesses = model.predict(test_x)
    metrics = {
        "accuracy": accuracy_score(test_y, guesses),
        "f1_macro": f1_score(test_y, guesses, average="macro"),
        "log_loss": log_loss(test_y, model.predict_proba(test_x)),
        "train_accuracy": model.score(train_x, train_y),
    }
    OUT.mkdir(exist_ok=True)
    joblib.dump(model, OUT / "model.joblib")
    (OUT / "metrics.json").write_text(json.dumps(metrics, indent=2, sort_keys=True) + "\n")
    print(f"{len(train_x)} digits learned, {metrics['accuracy']:.1%} of {len(test_x)} others read")


if __name__ == "__main__":
    main()
