/*
 * disk-server: lends a disk that this guest's kernel drives to others, by sDDF's block queues. It follows libvmm's drivers in user space
 * (tools/linux/uio_drivers of libvmm 0.2): a node of the guest's tree has, in "reg", a page whose writes fault to the monitor, which tells
 * the virtualiser; then the storage's information, the queue of requests, the queue of answers, and the data; its interrupt says that there
 * are requests. Where the kernel has uio_pdrv_genirq and was told of "generic-uio", the five are mapped and the interrupt is awaited by
 * /dev/uioN. Debian's kernel has not: there the memory is /dev/mem's, and the interrupt that of a gpio-keys node named after this one, whose
 * events are read.
 *
 * It comes back when the disk is served or can't be, and says which; what serves goes on behind. Answers mean that the disk has it: what
 * is read and written goes past the guest's page cache, which would be lost, answered and all, if this guest were restarted.
 */
#include "linux.h"
#include "block-queue.h"

#define TREE "/sys/firmware/devicetree/base"
enum { REGIONS = 5, PATH_ROOM = 512, BOUNCE_BLOCKS = 16, DISK_WAIT_MS = 60000, BELL_WAIT_MS = 5000, STEP_MS = 100 };
enum { FAULT_PAGE, INFO, REQUESTS, ANSWERS, DATA };
#define BLKGETSIZE64 0x80081272UL
#define BLKROGET 0x125eUL
#define BLKSSZGET 0x1268UL

static struct {
    char node[64];
    char device[PATH_ROOM];
    char disk[64];
    uint64_t base[REGIONS], size[REGIONS];
    volatile uint8_t *at[REGIONS];
    uint32_t entries;
    uint64_t blocks;
    int disk_fd, bell_fd;
    bool uio, read_only;
    uint8_t *bounce;
} server;

static void say(const char *what, const char *more)
{
    char line[PATH_ROOM + 256];
    JOINED(line, "disk-server: ", server.node, ": ", what, more, "\n");
    syscall3(SYS_write, 1, (long)line, (long)length(line));
}

static bool property(const char *name, char *into, size_t room, size_t *size)
{
    char path[PATH_ROOM];
    *size = file_text(JOINED(path, TREE "/", server.node, "/", name), into, room);
    return *size > 0;
}

static uint32_t cell(const char *bytes)
{
    const uint8_t *b = (const uint8_t *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static bool read_node(void)
{
    static char reg[128], entries[16];
    size_t size, width;
    if (!property("reg", reg, sizeof reg, &size) || size % (REGIONS * 8) != 0) {
        say("its reg does not have five regions", "");
        return false;
    }
    width = size / REGIONS / 8; /* cells of an address, and of a size */
    for (size_t i = 0; i < REGIONS; i++) {
        for (size_t c = 0; c < 2 * width; c++) {
            uint64_t *value = c < width ? &server.base[i] : &server.size[i];
            *value = *value << 32 | cell(reg + (i * 2 * width + c) * 4);
        }
    }
    if (!property("drivervm,device", server.device, sizeof server.device, &size)) {
        say("its drivervm,device does not say which disk", "");
        return false;
    }
    server.entries = property("drivervm,entries", entries, sizeof entries, &size) && size == 4 ? cell(entries) : 0;
    uint64_t entries_max = server.size[REQUESTS] / sizeof(struct blk_req) - 1;
    if (server.entries == 0 || (server.entries & (server.entries - 1)) != 0 || server.entries > entries_max) {
        say("its drivervm,entries is no number of entries that its queues have room for", "");
        return false;
    }
    return true;
}

/* The directory of a device below /sys is of the node, or below one that is. */
static bool is_of_device(const char *name)
{
    char path[PATH_ROOM], link[PATH_ROOM], target[PATH_ROOM];
    JOINED(link, "/sys/class/block/", name);
    long size = syscall6(SYS_readlinkat, AT_FDCWD, (long)link, (long)target, sizeof target - 1, 0, 0);
    if (size <= 0) {
        return false;
    }
    target[size] = 0;
    const char *devices = target;
    while (begins(devices, "../")) {
        devices += 3;
    }
    JOINED(path, "/sys/", devices);
    for (size_t end = length(path); end > 0; end--) {
        if (path[end] != '/' && path[end] != 0) {
            continue;
        }
        path[end] = 0;
        JOINED(link, path, "/of_node");
        size = syscall6(SYS_readlinkat, AT_FDCWD, (long)link, (long)target, sizeof target - 1, 0, 0);
        if (size <= 0) {
            continue;
        }
        target[size] = 0;
        for (const char *at = target; *at != 0; at++) {
            if (begins(at, "/devicetree/base/")) {
                return same(at + length("/devicetree/base"), server.device);
            }
        }
    }
    return false;
}

/* Whole disks only, and of an eMMC's hardware partitions the user's: the others' names are longer. */
static bool look_at_disk(const char *name, void *unused)
{
    char path[PATH_ROOM], text[8];
    (void)unused;
    if (file_text(JOINED(path, "/sys/class/block/", name, "/partition"), text, sizeof text) > 0 || !is_of_device(name)) {
        return false;
    }
    if (server.disk[0] == 0 || length(name) < length(server.disk)) {
        JOINED(server.disk, name);
    }
    return false;
}

static bool open_disk(void)
{
    char path[PATH_ROOM];
    for (int waited = 0; server.disk[0] == 0; waited += STEP_MS) {
        any_in("/sys/class/block", look_at_disk, NULL);
        if (server.disk[0] != 0) {
            break;
        }
        if (waited >= DISK_WAIT_MS) {
            say("after a minute there is no disk of ", server.device);
            say("is its driver in the kernel or among the ramdisk's modules, and a medium in it?", "");
            return false;
        }
        sleep_ms(STEP_MS);
    }
    JOINED(path, "/dev/", server.disk);
    server.disk_fd = open_file(path, O_RDWR | O_DIRECT);
    if (server.disk_fd < 0) {
        server.disk_fd = open_file(path, O_RDONLY | O_DIRECT);
        server.read_only = true;
    }
    uint64_t bytes = 0;
    int read_only = 0;
    if (server.disk_fd < 0 || syscall3(SYS_ioctl, server.disk_fd, BLKGETSIZE64, (long)&bytes) < 0) {
        say("can't open ", path);
        return false;
    }
    if (syscall3(SYS_ioctl, server.disk_fd, BLKROGET, (long)&read_only) == 0 && read_only != 0) {
        server.read_only = true;
    }
    server.blocks = bytes / BLOCK_BYTES;
    if (server.blocks == 0) {
        say("there is nothing in ", path);
        return false;
    }
    return true;
}

static bool look_at_uio(const char *name, void *unused)
{
    char path[PATH_ROOM], text[32];
    uint64_t base = 0;
    (void)unused;
    file_text(JOINED(path, "/sys/class/uio/", name, "/maps/map0/addr"), text, sizeof text);
    for (const char *at = begins(text, "0x") ? text + 2 : text; *at != 0 && *at != '\n'; at++) {
        base = base * 16 + (uint64_t)(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
    }
    if (base != server.base[FAULT_PAGE]) {
        return false;
    }
    server.bell_fd = open_file(JOINED(path, "/dev/", name), O_RDWR);
    server.uio = server.bell_fd >= 0;
    return server.uio;
}

static bool look_at_event(const char *name, void *unused)
{
    char path[PATH_ROOM], text[80];
    (void)unused;
    if (!begins(name, "event")) {
        return false;
    }
    size_t size = file_text(JOINED(path, "/sys/class/input/", name, "/device/name"), text, sizeof text);
    if (size == 0) {
        return false;
    }
    text[size - 1] = 0; /* the line's end */
    if (!same(text, server.node)) {
        return false;
    }
    server.bell_fd = open_file(JOINED(path, "/dev/input/", name), O_RDONLY);
    return server.bell_fd >= 0;
}

static bool open_queues(void)
{
    int memory = -1;
    bool found = any_in("/sys/class/uio", look_at_uio, NULL);
    for (int waited = 0; !found && waited < BELL_WAIT_MS; waited += STEP_MS) {
        found = any_in("/sys/class/input", look_at_event, NULL);
        if (!found) {
            sleep_ms(STEP_MS);
        }
    }
    if (!found) {
        say("its interrupt reaches nobody: the kernel has no uio_pdrv_genirq for it, nor gpio_keys and evdev loaded", "");
        return false;
    }
    if (!server.uio && (memory = open_file("/dev/mem", O_RDWR)) < 0) {
        say("can't open /dev/mem, which has its queues", "");
        return false;
    }
    for (int i = 0; i < REGIONS; i++) {
        void *at = server.uio ? map(server.bell_fd, server.size[i], MAP_SHARED, (uint64_t)i * BLOCK_BYTES)
                              : map(memory, server.size[i], MAP_SHARED, server.base[i]);
        if (failed_map(at)) {
            char number[24];
            say("the kernel does not let it map its region ", decimal(number, (uint64_t)i));
            return false;
        }
        server.at[i] = at;
    }
    server.bounce = map(-1, BOUNCE_BLOCKS * BLOCK_BYTES, MAP_PRIVATE | MAP_ANONYMOUS, 0);
    return !failed_map(server.bounce);
}

/* Device memory: whole words at their places, and nothing that a compiler makes of it. */
static void copy(volatile uint64_t *to, const volatile uint64_t *from, size_t bytes)
{
    for (size_t i = 0; i < bytes / 8; i++) {
        to[i] = from[i];
    }
}

static uint32_t move(const struct blk_req *request, uint16_t *done)
{
    volatile uint8_t *data = server.at[DATA] + request->io_or_offset;
    bool write = request->code == BLK_REQ_WRITE;
    for (*done = 0; *done < request->count;) {
        uint32_t left = (uint32_t)(request->count - *done);
        long bytes = (long)(left < BOUNCE_BLOCKS ? left : BOUNCE_BLOCKS) * BLOCK_BYTES;
        long at = (long)((request->block_number + *done) * BLOCK_BYTES);
        volatile uint64_t *shared = (volatile uint64_t *)(data + (size_t)*done * BLOCK_BYTES);
        if (write) {
            copy((volatile uint64_t *)server.bounce, shared, (size_t)bytes);
        }
        if (syscall6(write ? SYS_pwrite64 : SYS_pread64, server.disk_fd, (long)server.bounce, bytes, at, 0, 0) != bytes) {
            return BLK_RESP_ERR_IO;
        }
        if (!write) {
            copy(shared, (volatile uint64_t *)server.bounce, (size_t)bytes);
        }
        *done = (uint16_t)(*done + bytes / BLOCK_BYTES);
    }
    return BLK_RESP_OK;
}

/* Whoever asks is not trusted: neither what lies outside the data nor outside the disk is touched. */
static uint32_t perform(const struct blk_req *request, uint16_t *done)
{
    uint64_t bytes = (uint64_t)request->count * BLOCK_BYTES;
    *done = 0;
    switch (request->code) {
    case BLK_REQ_READ:
    case BLK_REQ_WRITE:
        if (request->io_or_offset % BLOCK_BYTES != 0 || bytes > server.size[DATA] || request->io_or_offset > server.size[DATA] - bytes
            || request->count > server.blocks || request->block_number > server.blocks - request->count
            || (request->code == BLK_REQ_WRITE && server.read_only)) {
            return BLK_RESP_ERR_INVALID_PARAM;
        }
        return move(request, done);
    case BLK_REQ_FLUSH:
    case BLK_REQ_BARRIER:
        return syscall3(SYS_fsync, server.disk_fd, 0, 0) < 0 ? BLK_RESP_ERR_IO : BLK_RESP_OK;
    default:
        return BLK_RESP_ERR_INVALID_PARAM;
    }
}

static void ring_bell(void)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    *(volatile uint32_t *)server.at[FAULT_PAGE] = 1;
}

static void serve(void)
{
    volatile struct blk_req_queue *requests = (volatile struct blk_req_queue *)server.at[REQUESTS];
    volatile struct blk_resp_queue *answers = (volatile struct blk_resp_queue *)server.at[ANSWERS];
    volatile struct answering *answering = (volatile struct answering *)(server.at[INFO] + ANSWERING_OFFSET);
    for (;;) {
        uint32_t head = requests->head, tail = answers->tail;
        uint32_t waiting = requests->tail - head;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (waiting == 0 || waiting > server.entries || tail - answers->head >= server.entries) {
            return;
        }
        volatile struct blk_req *slot = &requests->buffers[head & (server.entries - 1)];
        struct blk_req request = { slot->code, slot->io_or_offset, slot->block_number, slot->count, slot->id };
        uint16_t done;
        uint32_t status = perform(&request, &done);
        volatile struct blk_resp *answer = &answers->buffers[tail & (server.entries - 1)];
        answer->status = status;
        answer->success_count = done;
        answer->id = request.id;
        answering->head = head;
        answering->answered_tail = tail + 1;
        answering->mark = ANSWERING_MARK;
        __atomic_thread_fence(__ATOMIC_RELEASE);
        answers->tail = tail + 1;
        __atomic_thread_fence(__ATOMIC_RELEASE);
        requests->head = head + 1;
        ring_bell();
    }
}

/* What a server of before, in this guest's last life, answered and did not come to take out. */
static void take_up(void)
{
    volatile struct blk_req_queue *requests = (volatile struct blk_req_queue *)server.at[REQUESTS];
    volatile struct blk_resp_queue *answers = (volatile struct blk_resp_queue *)server.at[ANSWERS];
    volatile struct answering *answering = (volatile struct answering *)(server.at[INFO] + ANSWERING_OFFSET);
    if (answering->mark == ANSWERING_MARK && answering->head == requests->head && answering->answered_tail == answers->tail) {
        requests->head = answering->head + 1;
    }
}

static void publish(void)
{
    volatile struct blk_storage_info *info = (volatile struct blk_storage_info *)server.at[INFO];
    int sector = 512;
    syscall3(SYS_ioctl, server.disk_fd, BLKSSZGET, (long)&sector);
    info->read_only = server.read_only;
    info->sector_size = (uint16_t)sector;
    info->block_size = 1;
    info->queue_depth = (uint16_t)server.entries;
    info->capacity = server.blocks;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    info->ready = true;
}

static void wait_for_bell(void)
{
    static uint8_t events[64 * 24];
    uint32_t one = 1;
    if (server.uio) {
        syscall3(SYS_write, server.bell_fd, (long)&one, sizeof one); /* lets the next interrupt come */
        serve();                                                     /* what came while it could not */
        read_file(server.bell_fd, &one, sizeof one);
    } else if (read_file(server.bell_fd, events, sizeof events) < 0) {
        sleep_ms(STEP_MS);
    }
}

static bool serve_node(const char *name, void *unused)
{
    (void)unused;
    if (!begins(name, "disk-server@")) {
        return false;
    }
    /* A process for each: this one's child serves, and it goes on to the next. */
    JOINED(server.node, name);
    if (!read_node() || !open_disk() || !open_queues()) {
        return false;
    }
    long child = syscall6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0);
    if (child == 0) {
        take_up();
        publish();
        ring_bell();
        serve();
        for (;;) {
            wait_for_bell();
            serve();
        }
    }
    char blocks[24], more[PATH_ROOM];
    JOINED(more, "/dev/", server.disk, ", ", decimal(blocks, server.blocks), " blocks of 4 KiB", server.read_only ? ", read only" : "",
           server.uio ? ", by UIO" : ", by /dev/mem");
    if (child < 0) {
        say("no process can be made", "");
    } else {
        say("serves ", more);
    }
    close_file(server.disk_fd);
    close_file(server.bell_fd);
    for (size_t i = 0; i < sizeof server; i++) {
        ((volatile uint8_t *)&server)[i] = 0;
    }
    return false;
}

__attribute__((used, noreturn)) static void start(void)
{
    any_in(TREE, serve_node, NULL);
    for (;;) {
        syscall3(SYS_exit, 0, 0, 0);
    }
}

__asm__(".global _start\n_start:\n\tmov x29, xzr\n\tmov x30, xzr\n\tbl start\n");
