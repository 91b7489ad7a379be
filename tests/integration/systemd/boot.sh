#!/bin/bash
# Boots a systemd of its own, as the first process of namespaces of its own, on a throw-away layer
# over the root file system: whatever it writes stays in memory and goes with it.
# Usage: boot.sh FOLDER PROJECT; FOLDER/unshare.pid is the process whose end ends everything.
set -euo pipefail
export work=$1 project=$2
: >"$work/console"
inside() {
    set -euo pipefail
    # The network of the namespace alone, so that no port of the host is taken.
    ip link set lo up
    mount -n -t tmpfs -o size=1g layer "$work/layer"
    mkdir "$work/layer/upper" "$work/layer/work" "$work/layer/root"
    mount -t overlay -o "lowerdir=/,upperdir=$work/layer/upper,workdir=$work/layer/work" overlay "$work/layer/root"
    cd "$work/layer/root"
    mkdir -p ".$project" var/lib/bigbrother
    mount --rbind "$project" ".$project"
    mount -o remount,bind,ro ".$project"
    for folder in run tmp var/lib/bigbrother var/tmp; do mount -t tmpfs -o mode=755 tmpfs "$folder"; done
    chmod 1777 tmp var/tmp
    mount -t proc proc proc
    # No setting of the kernel that the host shares may be changed from here.
    mount --bind proc/sys proc/sys
    mount -o remount,bind,ro proc/sys
    mount -t sysfs -o ro sysfs sys
    mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup 2>/dev/null || true
    mount -t cgroup2 cgroup2 sys/fs/cgroup
    mount -t tmpfs -o mode=755 tmpfs dev
    mkdir dev/pts dev/shm
    for device in null zero full random urandom tty; do
        : >"dev/$device"
        mount --bind "/dev/$device" "dev/$device"
    done
    mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
    ln -s pts/ptmx dev/ptmx
    ln -s /proc/self/fd dev/fd
    mount -t tmpfs -o mode=1777 tmpfs dev/shm
    : >dev/console
    mount --bind "$work/console" dev/console
    # Only the journal and what is under test: nothing of what the host itself would start.
    mkdir -p etc/systemd/system etc/systemd/journald.conf.d
    find etc/systemd/system -mindepth 1 -delete
    for unit in systemd-sysctl.service systemd-modules-load.service systemd-udevd.service \
        systemd-udev-trigger.service systemd-binfmt.service systemd-tmpfiles-setup-dev.service \
        systemd-networkd.service systemd-resolved.service systemd-timesyncd.service \
        systemd-remount-fs.service systemd-update-utmp.service systemd-random-seed.service \
        systemd-firstboot.service systemd-logind.service getty.target console-getty.service \
        systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-journald-audit.socket \
        sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount \
        dev-hugepages.mount dev-mqueue.mount proc-sys-fs-binfmt_misc.automount timers.target; do
        ln -s /dev/null "etc/systemd/system/$unit"
    done
    printf '[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\n' >etc/systemd/journald.conf.d/here.conf
    : >etc/fstab
    mkdir oldroot
    pivot_root . oldroot
    umount -l /oldroot
    cd /
    exec env -i container=namespaces PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        /lib/systemd/systemd --system --unit=multi-user.target </dev/null >/dev/console 2>&1
}
export -f inside
mkdir -p "$work/layer"
setsid unshare --fork --kill-child=SIGKILL --pid --mount --net --cgroup --uts --ipc \
    --propagation private bash -c inside </dev/null >"$work/boot.log" 2>&1 &
echo $! >"$work/unshare.pid"
