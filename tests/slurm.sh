#!/bin/bash
# A Slurm of two nodes on this machine, for tests and for trying things out: no systemd, no root, nothing outside its folder.
#
#   bash tests/slurm.sh up FOLDER      starts it; then: export SLURM_CONF=FOLDER/slurm.conf
#   bash tests/slurm.sh down FOLDER    ends it
#
# Debian, Ubuntu: apt-get install slurm-wlm munge (and openmpi-bin for --ranks).
set -eu
command=${1:?up or down} folder=$(realpath -m "${2:?a folder}")
PATH=$PATH:/usr/sbin:/sbin

down() {
    for file in "$folder"/*.pid; do
        [ -s "$file" ] || continue
        kill "$(cat "$file")" 2>/dev/null || true
    done
}

if [ "$command" = down ]; then
    down
    exit
fi

for program in munged slurmctld slurmd sbatch; do
    command -v "$program" >/dev/null || { echo "found no $program; expected slurm-wlm and munge" >&2; exit 1; }
done
mkdir -p "$folder"/state "$folder"/spool-n1 "$folder"/spool-n2
chmod 755 "$folder"
cd "$folder"
host=$(hostname -s) user=$(id -un)
# Three ports that no other such cluster on this machine has.
port=${3:-$((20000 + $$ % 20000))}
(umask 077; dd if=/dev/urandom of=munge.key bs=1024 count=1 2>/dev/null)
cat >slurm.conf <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1,bf_interval=1
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd-%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd-%n.log
ReturnToService=2
KillWait=10
MinJobAge=3600
NodeName=n[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 2))] CPUs=$(nproc) RealMemory=1000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$folder/slurm.conf
munged --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munge.pid" \
    --log-file="$folder/munge.log" --seed-file="$folder/munge.seed" --num-threads=2 --force >/dev/null 2>&1
slurmctld
slurmd -N n1
slurmd -N n2
for _ in $(seq 60); do
    [ "$(sinfo --noheader --states=idle --format=%D 2>/dev/null)" != 2 ] || exit 0
    sleep 0.5
done
echo "found no two idle nodes after 30 s; expected them ($folder/slurmctld.log)" >&2
down
exit 1
