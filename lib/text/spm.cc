// spm.cc: see spm.h. The only C++ file. Every entry runs its body under `guarded`, which turns each
// exception into a code; SentencePiece's own Status becomes one in `failed`.
//
// A .model file is a protobuf (sentencepiece_model.proto): field 1 a piece {1 text, 2 score, 3
// type}, once for each; 2 the trainer's settings {3 model type, 35 byte fallback}; 3 the normaliser
// {1 name, 2 character map}. `scan_model` walks it to check what SentencePiece takes on trust, and
// picks up the settings on the way, which its public interface does not show.
#include "text/spm.h"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <locale>
#include <mutex>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <vector>

namespace sp = sentencepiece;

struct tt_spm {
    mutable std::atomic<void *> reserve{nullptr}; // see "memory"
    sp::SentencePieceProcessor processor;
    std::string normaliser;
    bool bpe = false, byte_fallback = false;
};

namespace {

constexpr size_t max_file = TT_SPM_FILE_MAX;
constexpr size_t max_piece = 4096;            // 0.2.1 copies a piece to the stack at load
constexpr size_t max_pieces = 1000000;

// ---- memory ------------------------------------------------------------------------------------
//
// SentencePiece keeps what it reads and finds in classes of protobuf's, which know no exceptions: they crash where an
// allocation fails inside them. So there is a reserve of addresses, never touched. An allocation that fails in the midst
// of the work gives it back and is tried again; the work is then done, and called a failure for lack of memory.
// And before much work (a model, a long text) as much as it will take is had and given back.

constexpr size_t reserve_size = size_t(4) << 20;
thread_local const tt_spm *at_work; // where the reserve of this thread's work is
thread_local int retries;

void *take(size_t bytes) {
    void *p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? nullptr : p;
}

// The handler of new belongs to the process: it is ours while some thread is at work here, and then again what it was.
std::mutex handler_lock;
int handler_users;
std::new_handler handler_before;

// What operator new calls when it finds none. That another thread has just given the reserve back is as good. A thread
// that is not at work here gets what it would have had.
void give_reserve() {
    if (!at_work && handler_before) return handler_before();
    if (!at_work || retries++ > 8) throw std::bad_alloc();
    if (void *p = at_work->reserve.exchange(nullptr)) munmap(p, reserve_size);
}

struct handler {
    handler() {
        std::lock_guard<std::mutex> hold(handler_lock);
        if (!handler_users++) handler_before = std::set_new_handler(give_reserve);
    }
    ~handler() {
        std::lock_guard<std::mutex> hold(handler_lock);
        if (!--handler_users) std::set_new_handler(handler_before);
    }
    handler(const handler &) = delete;
    handler &operator=(const handler &) = delete;
};

struct work {
    handler ours;
    explicit work(const tt_spm *s) {
        if (!s->reserve.load()) {
            void *p = take(reserve_size), *none = nullptr;
            if (!p) throw std::bad_alloc();
            if (!s->reserve.compare_exchange_strong(none, p)) munmap(p, reserve_size);
        }
        at_work = s;
        retries = 0;
    }
    ~work() { at_work = nullptr; }
    work(const work &) = delete;
    work &operator=(const work &) = delete;
};

void make_room(size_t bytes) {
    if (bytes < reserve_size / 4) return;
    void *p = take(bytes);
    if (!p) throw std::bad_alloc();
    munmap(p, bytes);
}

// More than was ever seen: 7 bytes for each of a model's (0.2.1, unigram), 71 for each of a text's.
size_t room_of_model(size_t len) { return 16 * len + (size_t(1) << 20); }
size_t room_of_text(size_t len) { return 128 * len; }

// s: at whose work memory may run out; nullptr: none of protobuf's is used.
template <class Body> int guarded(tt_err *e, const char *what, const tt_spm *s, Body body) noexcept {
    try {
        if (!s) return body();
        work w(s);
        int rc = body();
        return rc || !retries ? rc : tt_fail(e, TT_ENOMEM, "%s: out of memory", what);
    } catch (const std::bad_alloc &) {
        return tt_fail(e, TT_ENOMEM, "%s: out of memory", what);
    } catch (const std::system_error &x) { // of a thread that could not be had
        return tt_fail(e, TT_ENOMEM, "%s: %s", what, x.what());
    } catch (const std::exception &x) {
        return tt_fail(e, TT_EINTERNAL, "%s: %s", what, x.what());
    } catch (...) {
        return tt_fail(e, TT_EINTERNAL, "%s: unknown exception", what);
    }
}

// A Status as an error. "Internal: file.cc(12) [condition] words" is cut down to the words.
int failed(tt_err *e, int code, const char *what, const sp::util::Status &status) {
    std::string words = status.error_message();
    for (char &c : words)
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    size_t at = words.rfind("] ");
    if (at != std::string::npos && at + 2 < words.size()) words.erase(0, at + 2);
    return tt_fail(e, code, "%s: %s", what, words.c_str());
}

// The refusals of training that a user can do something about, with the names of our options.
int not_trained(tt_err *e, const sp::util::Status &status) {
    const char *words = status.error_message(), *at;
    int asked, other;
    if ((at = std::strstr(words, "Vocabulary size too high (")) &&
        std::sscanf(at, "Vocabulary size too high (%d). Please set it to a value <= %d", &asked, &other) == 2)
        return tt_fail(e, TT_ECONFIG, "%d pieces are too many for this text: --size can be %d at most", asked, other);
    if ((at = std::strstr(words, "required_chars. ")) && std::sscanf(at, "required_chars. %d vs %d", &asked, &other) == 2)
        return tt_fail(e, TT_ECONFIG,
                       "%d pieces are too few: characters, bytes and special pieces alone are %d; "
                       "give a greater --size, or fewer of them by --coverage or --no-byte-fallback", asked, other);
    return failed(e, TT_ECONFIG, "vocabulary training", status);
}

// ---- the walk over a .model file ---------------------------------------------------------------

struct field {
    uint64_t number, value; // value: of a varint
    std::string_view bytes; // of a length-delimited field
};

bool take_varint(std::string_view &in, uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
        auto byte = static_cast<unsigned char>(in[0]);
        in.remove_prefix(1);
        value |= uint64_t(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

// Takes the next field off the front: varint, 64 bits, bytes or 32 bits. Groups are in no model.
bool take_field(std::string_view &in, field &f) {
    uint64_t key, size;
    f = {};
    if (!take_varint(in, key)) return false;
    f.number = key >> 3;
    switch (key & 7) {
    case 0: return take_varint(in, f.value);
    case 1: size = 8; break;
    case 2:
        if (!take_varint(in, size)) return false;
        break;
    case 5: size = 4; break;
    default: return false;
    }
    if (size > in.size()) return false;
    f.bytes = in.substr(0, size);
    in.remove_prefix(size);
    return true;
}

// The character map is a size, a double array of 32-bit units (darts-clone) and the replacements. A
// step goes from unit i by offset(i) and a byte, and nothing checks where to; the array has whole
// blocks of 256 units, so it stays inside when i ^ offset(i) does.
bool map_is_sound(std::string_view map) {
    uint32_t bytes, unit;
    if (map.empty()) return true;
    if (map.size() < sizeof bytes) return false;
    std::memcpy(&bytes, map.data(), sizeof bytes);
    map.remove_prefix(sizeof bytes);
    if (bytes > map.size() || bytes % 1024) return false;
    for (uint32_t i = 0, n = bytes / 4; i < n; i++) {
        std::memcpy(&unit, map.data() + size_t(i) * 4, 4);
        if (unit >> 31) continue; // a value, not a node
        uint32_t offset = unit >> 10 << ((unit & 1u << 9) >> 6);
        if ((i ^ offset) >= n) return false;
    }
    return true;
}

int scan_model(tt_spm &s, std::string_view in, tt_err *e) {
    if (in.size() > max_file)
        return tt_fail(e, TT_EFORMAT, "vocabulary has %zu bytes, expected at most %zu", in.size(),
                       max_file);
    size_t pieces = 0;
    uint64_t type = 1;
    field f, g;
    while (!in.empty()) {
        if (!take_field(in, f))
            return tt_fail(e, TT_EFORMAT, "not a SentencePiece model, or damaged");
        if (f.number < 1 || f.number > 3) continue;
        if (f.number == 1 && ++pieces > max_pieces)
            return tt_fail(e, TT_EFORMAT, "vocabulary has more than %zu pieces", max_pieces);
        for (std::string_view part = f.bytes; !part.empty();) {
            if (!take_field(part, g))
                return tt_fail(e, TT_EFORMAT, "not a SentencePiece model, or damaged");
            if (f.number == 1 && g.number == 1 && g.bytes.size() > max_piece)
                return tt_fail(e, TT_EFORMAT,
                               "vocabulary: piece %zu has %zu bytes, expected at most %zu",
                               pieces - 1, g.bytes.size(), max_piece);
            if (f.number == 1 && g.number == 1 && g.bytes.find('\0') != std::string_view::npos)
                return tt_fail(e, TT_EFORMAT, "vocabulary: piece %zu has a NUL byte in it", pieces - 1);
            if (f.number == 2 && g.number == 3) type = g.value;
            if (f.number == 2 && g.number == 35) s.byte_fallback = g.value != 0;
            if (f.number == 3 && g.number == 1) s.normaliser = g.bytes.substr(0, 64);
            if (f.number == 3 && g.number == 2 && !map_is_sound(g.bytes))
                return tt_fail(e, TT_EFORMAT,
                               "vocabulary: the character map of the normaliser is damaged");
        }
    }
    if (!pieces) return tt_fail(e, TT_EFORMAT, "not a SentencePiece model: it has no pieces");
    if (type != 1 && type != 2)
        return tt_fail(e, TT_EFORMAT, "SentencePiece model of type %llu, expected unigram or bpe",
                       static_cast<unsigned long long>(type));
    s.bpe = type == 2;
    for (char &c : s.normaliser)
        if (c < ' ' || c > '~') c = '?';
    return 0;
}

// ---- training ----------------------------------------------------------------------------------

// Characters that SentencePiece keeps for itself; it skips sentences with the first.
constexpr const char *reserved_unk = "\xe2\x96\x85";

class sentences : public sp::SentenceIterator {
  public:
    sentences(tt_spm_next *next, void *ctx, const char *normaliser) : next_(next), ctx_(ctx) {
        sp::util::Status status = normaliser_.LoadFromRuleName(normaliser);
        if (!status.ok()) throw std::runtime_error(status.error_message());
        Next();
    }
    bool done() const override { return done_; }
    const std::string &value() const override { return value_; }
    sp::util::Status status() const override { return {}; }

    // Leading sentences that normalise to nothing are skipped: if all do, SentencePiece exits.
    void Next() override {
        const char *text;
        size_t len;
        do {
            done_ = !next_(ctx_, &text, &len);
            if (done_) return;
            value_.assign(text, len);
        } while (value_.find(reserved_unk) != std::string::npos ||
                 (!any_ && normaliser_.Normalize(value_).empty()));
        any_ = true;
    }
    bool any() const { return any_; }

  private:
    tt_spm_next *next_;
    void *ctx_;
    sp::SentencePieceNormalizer normaliser_;
    std::string value_;
    bool done_ = false, any_ = false;
};

// Symbols as the comma-separated list that the option takes: each in quotes, quotes doubled.
std::string joined(const char *const *symbols, int n) {
    std::string list;
    for (int i = 0; i < n; i++) {
        list += i ? ",\"" : "\"";
        for (const char *p = symbols[i]; *p; p++)
            list += *p == '"' ? std::string("\"\"") : std::string(1, *p);
        list += '"';
    }
    return list;
}

int check_options(const tt_spm_options &o, tt_err *e) {
    if (o.size < 8 || size_t(o.size) > max_pieces)
        return tt_fail(e, TT_ECONFIG, "vocabulary size %d, expected 8 to %zu", o.size, max_pieces);
    if (!(o.coverage >= 0.98 && o.coverage <= 1))
        return tt_fail(e, TT_ECONFIG, "character coverage %g, expected 0.98 to 1", o.coverage);
    for (int i = 0; i < o.n_symbols; i++)
        if (!*o.symbols[i] || std::strlen(o.symbols[i]) > max_piece)
            return tt_fail(e, TT_ECONFIG, "symbol %d is empty or longer than %zu bytes", i + 1,
                           max_piece);
    tt_pick pick;
    if (o.normaliser && tt_pick_read(&pick, &tt_family_normaliser, o.normaliser, e))
        return e->code = TT_ECONFIG;
    return 0;
}

std::unordered_map<std::string, std::string> settings(const tt_spm_options &o) {
    std::ostringstream coverage;
    coverage.imbue(std::locale::classic());
    coverage << o.coverage;
    std::unordered_map<std::string, std::string> map = {
        {"model_type", o.bpe ? "bpe" : "unigram"},
        {"vocab_size", std::to_string(o.size)},
        {"character_coverage", coverage.str()},
        {"byte_fallback", o.byte_fallback ? "true" : "false"},
        {"normalization_rule_name", o.normaliser ? o.normaliser : "nmt_nfkc"},
        {"eos_id", "0"},
        {"unk_id", "1"},
        {"bos_id", "-1"},
        {"pad_id", "-1"},
        {"num_threads", "1"},
        {"max_sentence_length", "1073741824"}, // who gives the sentences chooses them
        {"minloglevel", "3"},
    };
    if (o.n_symbols) map["user_defined_symbols"] = joined(o.symbols, o.n_symbols);
    return map;
}

// SentencePiece's trainer works in threads and with classes that know no failure: where memory ends, it ends the process. So
// it has one of its own, and what comes back is its result or that it ended. The trainer's own words are nobody's then.
struct result {
    int rc;
    size_t len;
    tt_err err;
};

bool put_all(int fd, const void *data, size_t size) {
    for (auto p = static_cast<const char *>(data); size > 0;) {
        ssize_t n = write(fd, p, size);
        if (n < 0 && errno != EINTR) return false;
        if (n > 0) p += n, size -= size_t(n);
    }
    return true;
}

bool take_all(int fd, void *data, size_t size) {
    for (auto p = static_cast<char *>(data); size > 0;) {
        ssize_t n = read(fd, p, size);
        if (n == 0 || (n < 0 && errno != EINTR)) return false;
        if (n > 0) p += n, size -= size_t(n);
    }
    return true;
}

int train_here(const tt_spm_options &o, tt_spm_next *next, void *ctx, std::string &out, tt_err *e) {
    return guarded(e, "vocabulary training", nullptr, [&] {
        sentences input(next, ctx, o.normaliser ? o.normaliser : "nmt_nfkc");
        if (!input.any()) return tt_fail(e, TT_EDATA, "vocabulary training: the input has no text");
        sp::util::Status status = sp::SentencePieceTrainer::Train(settings(o), &input, &out);
        return status.ok() ? 0 : not_trained(e, status);
    });
}

[[noreturn]] void train_apart(const tt_spm_options &o, tt_spm_next *next, void *ctx, int to) {
    rlimit none = {0, 0};
    int silent = open("/dev/null", O_WRONLY);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &none);
    if (silent >= 0) dup2(silent, STDERR_FILENO);
    signal(SIGPIPE, SIG_DFL);
    result r = {};
    std::string out;
    r.rc = train_here(o, next, ctx, out, &r.err);
    r.len = out.size();
    if (put_all(to, &r, sizeof r)) put_all(to, out.data(), r.len);
    _exit(0);
}

int take_result(pid_t child, int from, tt_arena *a, void **model, size_t *len, tt_err *e) {
    result r = {};
    bool whole = take_all(from, &r, sizeof r);
    void *room = whole && !r.rc ? tt_arena_alloc(a, r.len + 1) : nullptr;
    if (room) whole = take_all(from, room, r.len);
    else if (!r.rc) kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (whole && r.rc) return tt_fail(e, r.rc, "%s", r.err.msg);
    if (!whole && WIFSIGNALED(status) && (WTERMSIG(status) == SIGSEGV || WTERMSIG(status) == SIGFPE))
        return tt_fail(e, TT_EINTERNAL, "vocabulary training: ended by signal %d", WTERMSIG(status));
    if (!whole || !room) return tt_fail(e, TT_ENOMEM, "vocabulary training: out of memory");
    *model = room;
    *len = r.len;
    return 0;
}

} // namespace

extern "C" {

tt_spm *tt_spm_open(const void *bytes, size_t len, tt_err *e) {
    tt_spm *s = new (std::nothrow) tt_spm;
    if (!s) {
        tt_fail(e, TT_ENOMEM, "vocabulary: out of memory");
        return nullptr;
    }
    int rc = guarded(e, "vocabulary", s, [&] {
        std::string_view in(static_cast<const char *>(bytes), len);
        TT_TRY(scan_model(*s, in, e));
        make_room(room_of_model(len));
        sp::util::Status status = s->processor.LoadFromSerializedProto(in);
        if (!status.ok()) return failed(e, TT_EFORMAT, "not a usable SentencePiece model", status);
        return 0;
    });
    if (!rc) return s;
    if (rc == TT_EINTERNAL && e) e->code = TT_EFORMAT; // what it trips over is in the file
    tt_spm_close(s);
    return nullptr;
}

void tt_spm_close(tt_spm *s) {
    if (void *p = s ? s->reserve.load() : nullptr) munmap(p, reserve_size);
    delete s;
}

int tt_spm_size(const tt_spm *s) { return s->processor.GetPieceSize(); }

int tt_spm_unk(const tt_spm *s) { return s->processor.unk_id(); }

int tt_spm_bos(const tt_spm *s) { return s->processor.bos_id(); }

int tt_spm_eos(const tt_spm *s) { return s->processor.eos_id(); }

int tt_spm_pad(const tt_spm *s) { return s->processor.pad_id(); }

int tt_spm_is_bpe(const tt_spm *s) { return s->bpe; }

int tt_spm_byte_fallback(const tt_spm *s) { return s->byte_fallback; }

const char *tt_spm_normaliser(const tt_spm *s) { return s->normaliser.c_str(); }

const char *tt_spm_piece(const tt_spm *s, int id, size_t *len) {
    if (id < 0 || id >= s->processor.GetPieceSize()) return nullptr;
    const std::string &piece = s->processor.IdToPiece(id);
    if (len) *len = piece.size();
    return piece.c_str();
}

float tt_spm_score(const tt_spm *s, int id) {
    return id < 0 || id >= s->processor.GetPieceSize() ? 0 : s->processor.GetScore(id);
}

int tt_spm_find(const tt_spm *s, const char *piece, size_t len) {
    return s->processor.PieceToId(std::string_view(piece, len));
}

int tt_spm_encode(const tt_spm *s, const char *text, size_t len, int last, tt_arena *a,
                  int32_t **ids, size_t *n, tt_err *e) {
    return guarded(e, "encode", s, [&] {
        std::vector<int> found;
        make_room(room_of_text(len));
        sp::util::Status status = s->processor.Encode(std::string_view(text, len), &found);
        if (!status.ok()) return failed(e, TT_EINTERNAL, "encode", status);
        if (last >= 0) found.push_back(last);
        *n = found.size();
        *ids = static_cast<int32_t *>(tt_arena_alloc(a, *n * sizeof **ids));
        if (!*ids) return tt_fail(e, TT_ENOMEM, "encode: out of memory for %zu ids", *n);
        for (size_t i = 0; i < *n; i++) (*ids)[i] = found[i];
        return 0;
    });
}

int tt_spm_pieces(const tt_spm *s, const char *text, size_t len, tt_arena *a, tt_span **pieces,
                  size_t *n, tt_err *e) {
    return guarded(e, "encode", s, [&] {
        std::vector<std::string> found;
        make_room(room_of_text(len));
        sp::util::Status status = s->processor.Encode(std::string_view(text, len), &found);
        if (!status.ok()) return failed(e, TT_EINTERNAL, "encode", status);
        size_t bytes = 0;
        for (const std::string &piece : found) bytes += piece.size();
        *n = found.size();
        *pieces = static_cast<tt_span *>(tt_arena_alloc(a, (*n + 1) * sizeof **pieces));
        char *to = static_cast<char *>(tt_arena_alloc(a, bytes + 1));
        if (!*pieces || !to) return tt_fail(e, TT_ENOMEM, "encode: out of memory for %zu pieces", *n);
        for (size_t i = 0; i < *n; to += found[i++].size()) {
            memcpy(to, found[i].data(), found[i].size());
            (*pieces)[i] = tt_span{to, found[i].size()};
        }
        return 0;
    });
}

int tt_spm_encode_at(const tt_spm *s, const char *text, size_t len, tt_arena *a, int32_t **ids, int32_t **at,
                     size_t *n, tt_err *e) {
    return guarded(e, "encode", s, [&] {
        make_room(room_of_text(len));
        const sp::ImmutableSentencePieceText found = s->processor.EncodeAsImmutableProto(std::string_view(text, len));
        *n = found.pieces_size();
        *ids = static_cast<int32_t *>(tt_arena_alloc(a, (*n + 1) * sizeof **ids));
        *at = static_cast<int32_t *>(tt_arena_alloc(a, (*n + 1) * sizeof **at));
        if (!*ids || !*at) return tt_fail(e, TT_ENOMEM, "encode: out of memory for %zu ids", *n);
        for (size_t i = 0; i < *n; i++) {
            (*ids)[i] = static_cast<int32_t>(found.pieces(static_cast<int>(i)).id());
            (*at)[i] = static_cast<int32_t>(found.pieces(static_cast<int>(i)).begin());
        }
        return 0;
    });
}

int tt_spm_decode_at(const tt_spm *s, const int32_t *ids, size_t n, tt_arena *a, char **text, size_t *len,
                     int32_t *at, tt_err *e) {
    return guarded(e, "decode", s, [&] {
        int size = s->processor.GetPieceSize();
        for (size_t i = 0; i < n; i++)
            if (ids[i] < 0 || ids[i] >= size)
                return tt_fail(e, TT_EDATA, "decode: id %d, expected 0 to %d", ids[i], size - 1);
        make_room(room_of_text(4 * n));
        const sp::ImmutableSentencePieceText found =
            s->processor.DecodeIdsAsImmutableProto(std::vector<int>(ids, ids + n));
        const std::string_view out = found.text();
        if (found.pieces_size() != n)
            return tt_fail(e, TT_EINTERNAL, "decode: %zu pieces, expected %zu", found.pieces_size(), n);
        for (size_t i = 0; i < n; i++) at[i] = static_cast<int32_t>(found.pieces(static_cast<int>(i)).begin());
        *len = out.size();
        *text = tt_arena_text(a, out.data(), out.size());
        if (!*text) return tt_fail(e, TT_ENOMEM, "decode: out of memory for %zu bytes", out.size());
        return 0;
    });
}

int tt_spm_decode(const tt_spm *s, const int32_t *ids, size_t n, tt_arena *a, char **text,
                  size_t *len, tt_err *e) {
    return guarded(e, "decode", s, [&] {
        int size = s->processor.GetPieceSize();
        for (size_t i = 0; i < n; i++)
            if (ids[i] < 0 || ids[i] >= size)
                return tt_fail(e, TT_EDATA, "decode: id %d, expected 0 to %d", ids[i], size - 1);
        std::string out;
        make_room(room_of_text(4 * n));
        sp::util::Status status = s->processor.Decode(std::vector<int>(ids, ids + n), &out);
        if (!status.ok()) return failed(e, TT_EINTERNAL, "decode", status);
        *len = out.size();
        *text = tt_arena_text(a, out.data(), out.size());
        if (!*text) return tt_fail(e, TT_ENOMEM, "decode: out of memory for %zu bytes", out.size());
        return 0;
    });
}

int tt_spm_train(const tt_spm_options *o, tt_spm_next *next, void *ctx, tt_arena *a, void **model,
                 size_t *len, tt_err *e) {
    return guarded(e, "vocabulary training", nullptr, [&] {
        int ends[2];
        TT_TRY(check_options(*o, e));
        if (pipe(ends)) return tt_fail_errno(e, TT_ENOMEM, errno, "vocabulary training: no pipe");
        pid_t child = fork();
        if (child == 0) {
            close(ends[0]);
            train_apart(*o, next, ctx, ends[1]);
        }
        close(ends[1]);
        int rc = child < 0 ? tt_fail_errno(e, TT_ENOMEM, errno, "vocabulary training: no process") : take_result(child, ends[0], a, model, len, e);
        close(ends[0]);
        return rc;
    });
}

} // extern "C"
