"""Shards in, shards out: many photos in one file, so that a million small files need not be.

WebDataset tars and Parquet with a column of images are read a few photos at a time and written anew, whole or not at
all. What is not a photo goes along as it is. Only the photos' bytes change, in the order in which they were.
"""

from photochrom.batch.shards.plan import ShardPlan, is_shard, plan_shards

__all__ = ["ShardPlan", "is_shard", "plan_shards"]
