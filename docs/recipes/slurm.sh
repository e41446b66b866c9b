#!/bin/sh
# A gate as a Slurm array of eight shards, on a file system that the nodes share:
#
#     job=$(sbatch --parsable slurm.sh linux blobs)
#     sbatch --dependency=afterany:"$job" --wrap "foliocheck merge blobs --reporter html:foliocheck.html --reporter pretty"
#
# Slurm starts a shard again whose node failed; of others, sbatch --array=3,5 … starts the shards that the merge misses.
#SBATCH --job-name=foliocheck
#SBATCH --array=1-8
#SBATCH --cpus-per-task=4
#SBATCH --mem=16G
#SBATCH --time=08:00:00
#SBATCH --requeue
set -u
tree=$1
blobs=$2
# Not SLURM_ARRAY_TASK_COUNT, which is smaller when only some shards are started again.
shards=8

mkdir -p "$blobs"
foliocheck gate --tree "$tree" --profile deep --workers "$SLURM_CPUS_PER_TASK" --no-progress \
  --shard "$SLURM_ARRAY_TASK_ID/$shards" --reporter "blob:$blobs/$SLURM_ARRAY_TASK_ID.json"
code=$?
# Findings (1) and incomplete runs (3) are results.
[ $code = 1 ] || [ $code = 3 ] || exit $code
