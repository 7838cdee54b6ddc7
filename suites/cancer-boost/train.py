# SPDX-License-Identifier: Apache-2.0
"""Boosted trees that tell malignant from benign tumours. Writes out/model.json, out/history.csv and out/metrics.json."""
import json
from pathlib import Path

import xgboost
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

HERE = Path(__file__).parent
OUT = HERE / "out"


def main():
    params = json.loads((HERE / "params.json").read_text())
    data = load_breast_cancer()
    train_x, test_x, train_y, test_y = train_test_split(
        data.data, data.target, test_size=params["test_share"], random_state=params["seed"], stratify=data.target
    )
    train = xgboost.DMatrix(train_x, train_y, feature_names=list(data.feature_names), nthread=1)
    test = xgboost.DMatrix(test_x, test_y, feature_names=list(data.feature_names), nthread=1)
    settings = {
        "objective": "binary:logistic",
        "eval_metric": "logloss",
        "tree_method": "hist",
        "nthread": 1,
        "max_depth": params["depth"],
        "eta": params["learning_rate"],
        "subsample": params["row_share"],
        "colsample_bytree": params["column_share"],
        "seed": params["seed"],
    }
    curves = {}
    model = xgboost.train(
        settings,
        train,
        params["rounds"],
        evals=[(train, "train"), (test, "test")],
        evals_result=curves,
        verbose_eval=False,
    )

    chances = model.predict(test).astype("float64")
    metrics = {
        "accuracy": accuracy_score(test_y, chances > 0.5),
        "auc": roc_auc_score(test_y, chances),
        "log_loss": log_loss(test_y, chances),
    }
    OUT.mkdir(exist_ok=True)
    model.save_model(str(OUT / "model.json"))
    lines = ["round,train_loss,test_loss"]
    for number, losses in enumerate(zip(curves["train"]["logloss"], curves["test"]["logloss"]), start=1):
        lines.append(f"{number},{losses[0]!r},{losses[1]!r}")
    (OUT / "history.csv").write_text("\n".join(lines) + "\n")
    (OUT / "metrics.json").write_text(json.dumps(metrics, indent=2, sort_keys=True) + "\n")
    print(f"{params['rounds']} rounds, AUC {metrics['auc']:.4f} on {len(test_y)} patients")


if __name__ == "__main__":
    main()
