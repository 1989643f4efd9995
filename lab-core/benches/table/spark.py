"""Spark's ALS on this machine's cores, on the files of the bench's large completion: seconds and held-out error."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession

RANK = 16
ITERATIONS = 10  # of ALS, each of which solves for all factors: more than an epoch of SGD does


def main(folder: Path) -> None:
    start = time.perf_counter()
    session = (
        SparkSession.builder.master("local[*]")
        .appName("bench")
        .config("spark.driver.memory", "8g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    started = time.perf_counter()
    schema = "row INT, column INT, value FLOAT"
    train, test = (session.read.csv(str(folder / name), schema=schema).cache() for name in ("train.csv", "test.csv"))
    cells = train.count() + test.count()
    read = time.perf_counter()
    als = ALS(
        rank=RANK, maxIter=ITERATIONS, regParam=0.001, seed=0, userCol="row", itemCol="column", ratingCol="value",
        coldStartStrategy="drop",
    )
    model = als.fit(train)
    fitted = time.perf_counter()
    rmse = RegressionEvaluator(labelCol="value", predictionCol="prediction").evaluate(model.transform(test))
    print(f"Spark {session.version}, ALS, rank {RANK}, {ITERATIONS} iterations, {os.cpu_count()} cores, {cells} cells")
    print(
        f"starting {started - start:.1f} s, reading {read - started:.1f} s, fit {fitted - read:.1f} s,"
        f" held-out RMSE {rmse:.4f}"
    )
    session.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
