/* kind.c: see kind.h. A table of what files of each kind begin with; what cannot be told so has a
 * function.
 */
#include "io/kind.h"

#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

#include "io/encoding.h"

enum { MOST_HEAD = 4096 }; /* where a name inside an archive is looked for */

#define UNPACK(program) "unpack it first, as with " program
#define SAVE "save or convert it as plain text first"

typedef struct row {
    const char *magic;
    size_t len, at;
    const char *what, *todo;
} row;

#define M(text) text, sizeof(text) - 1
static const row rows[] = {
    {M("\xFD"
       "7zXZ\0"),
     0, "compressed with xz", UNPACK("xz -dc")},
    {M("\x28\xB5\x2F\xFD"), 0, "compressed with zstd", UNPACK("zstd -dc")},
    {M("\x04\x22\x4D\x18"), 0, "compressed with lz4", UNPACK("lz4 -dc")},
    {M("\x1F\x9D"), 0, "compressed with compress", UNPACK("gzip -dc")},
    {M("\x1F\x8B\x08"), 0, "compressed with gzip twice", UNPACK("gzip -dc")},
    {M("7z\xBC\xAF\x27\x1C"), 0, "a 7-Zip archive", UNPACK("7z x")},
    {M("Rar!\x1A\x07"), 0, "a RAR archive", UNPACK("unrar x")},
    {M("ustar"), 257, "a tar archive", UNPACK("tar -x")},
    {M("%PDF-"), 0, "a PDF file", "extract its text first, as with pdftotext"},
    {M("{\\rtf"), 0, "a rich text (RTF) file", SAVE},
    {M("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), 0, "a file of Microsoft Office", SAVE},
    {M("\x7F"
       "ELF"),
     0, "a program (ELF)", "a text is expected"},
    {M("\x89PNG\r\n\x1A\n"), 0, "a picture (PNG)", "a text is expected"},
    {M("\xFF\xD8\xFF"), 0, "a picture (JPEG)", "a text is expected"},
    {M("GIF87a"), 0, "a picture (GIF)", "a text is expected"},
    {M("GIF89a"), 0, "a picture (GIF)", "a text is expected"},
    {M("SQLite format 3\0"), 0, "a database (SQLite)", "a text is expected"},
    {M("OggS\0"), 0, "a sound or film (Ogg)", "a text is expected"},
    {M("\x89TTM\r\n\x1A\n"), 0, "a model file of ttrans", "name models with -m"},
    {M("\x93NUMPY"), 0, "an array of NumPy", "a text is expected"},
};

static tt_kind other(const char *what, const char *todo) {
    return (tt_kind){TT_KIND_OTHER, 0, 0, what, todo};
}

static tt_kind text(int encoding, size_t mark) {
    return (tt_kind){TT_KIND_TEXT, encoding, mark, NULL, NULL};
}

/* 1 if the bytes so far begin the magic, so that more bytes are needed. */
static bool may_become(const unsigned char *bytes, size_t len, const char *magic,
                       size_t magic_len) {
    return len < magic_len && !memcmp(bytes, magic, len);
}

static bool holds(const unsigned char *bytes, size_t len, const char *word) {
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= len && i < MOST_HEAD; i++)
        if (!memcmp(bytes + i, word, n)) return true;
    return false;
}

/* A ZIP file by the names of its first members. */
static tt_kind zip(const unsigned char *bytes, size_t len) {
    if (holds(bytes, len, "mimetypeapplication/epub")) return other("an EPUB book", SAVE);
    if (holds(bytes, len, "mimetypeapplication/vnd.oasis.opendocument"))
        return other("a document of LibreOffice (OpenDocument)", SAVE);
    if (holds(bytes, len, "[Content_Types].xml") || holds(bytes, len, "_rels/.rels"))
        return other("a document of Microsoft Office (docx, xlsx or pptx)", SAVE);
    if (holds(bytes, len, ".npy"))
        return other("a model or arrays of NumPy (npz)", "ttrans import reads models");
    return other("a ZIP archive", UNPACK("unzip"));
}

/* A SentencePiece model: a message of pieces, the first of them "<unk>" or the like. */
static bool is_spm(const unsigned char *b, size_t len) {
    return len > 16 && b[0] == 0x0A && b[2] == 0x0A && b[3] && b[3] < b[1] && b[4] == '<' &&
           holds(b, len < 32 ? len : 32, "\x15");
}

/* Safetensors: the length of a JSON object, then the object. */
static bool is_safetensors(const unsigned char *b, size_t len) {
    return len > 10 && !b[4] && !b[5] && !b[6] && !b[7] && b[8] == '{' && b[9] == '"';
}

/* BZh, the size of a block, and the first block or the end. */
static bool is_bzip2(const unsigned char *b, size_t len) {
    return len >= 10 && !memcmp(b, "BZh", 3) && b[3] >= '1' && b[3] <= '9' &&
           (!memcmp(b + 4, "\x31\x41\x59\x26\x53\x59", 6) ||
            !memcmp(b + 4, "\x17\x72\x45\x38\x50\x90", 6));
}

int tt_kind_utf16(const unsigned char *bytes, size_t len) {
    size_t nul[2] = {0, 0};
    if (len < 8) return 0;
    if (len > MOST_HEAD) len = MOST_HEAD;
    for (size_t i = 0; i < len; i++) nul[i % 2] += !bytes[i];
    if (nul[1] * 5 >= len / 2 * 4 && nul[0] * 20 <= len) return TT_TEXT_UTF16LE;
    if (nul[0] * 5 >= len / 2 * 4 && nul[1] * 20 <= len) return TT_TEXT_UTF16BE;
    return 0;
}

/* What begins with a mark. FF FE may go on as UTF-32. */
static bool marked(tt_kind *k, const unsigned char *b, size_t len, int whole) {
    static const struct {
        const char *mark;
        size_t len;
        int encoding;
    } marks[] = {{M("\xFF\xFE\0\0"), TT_TEXT_UTF32LE},
                 {M("\0\0\xFE\xFF"), TT_TEXT_UTF32BE},
                 {M("\xEF\xBB\xBF"), TT_TEXT_UTF8},
                 {M("\xFF\xFE"), TT_TEXT_UTF16LE},
                 {M("\xFE\xFF"), TT_TEXT_UTF16BE}};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (!whole && may_become(b, len, marks[i].mark, marks[i].len)) {
            *k = (tt_kind){.sort = TT_KIND_OPEN};
            return true;
        }
        if (len >= marks[i].len && !memcmp(b, marks[i].mark, marks[i].len)) {
            *k = text(marks[i].encoding, marks[i].len);
            return true;
        }
    }
    return false;
}

tt_kind tt_kind_of(const unsigned char *bytes, size_t len, int whole) {
    const tt_kind open = {.sort = TT_KIND_OPEN};
    const bool line = memchr(bytes, '\n', len) != NULL;
    tt_kind k;
    if (!len) return whole ? text(TT_TEXT_UTF8, 0) : open;
    if (marked(&k, bytes, len, whole)) return k;
    for (const row *r = rows; r < rows + sizeof rows / sizeof *rows; r++) {
        bool odd =
            (unsigned char)*r->magic == 0x89; /* begins no text, but has a line's end inside */
        if (!whole && (!line || odd) && !r->at && may_become(bytes, len, r->magic, r->len))
            return open;
        if (len >= r->at + r->len && !memcmp(bytes + r->at, r->magic, r->len))
            return other(r->what, r->todo);
    }
    if (is_bzip2(bytes, len)) return other("compressed with bzip2", UNPACK("bzip2 -dc"));
    if (len >= (whole || line ? 4 : 30) && !memcmp(bytes, "PK\3\4", 4)) return zip(bytes, len);
    if (len >= 22 && !memcmp(bytes, "PK\5\6", 4))
        return other("an empty ZIP archive", "a text is expected");
    if (!whole && !line &&
        (may_become(bytes, len, "PK\3\4", 4) ||
         (len < 30 && !memcmp(bytes, "PK\3\4", len < 4 ? len : 4)) ||
         (len < 10 && !memcmp(bytes, "BZh", len < 3 ? len : 3))))
        return open;
    if (len >= 12 && !memcmp(bytes, "RIFF", 4) &&
        (!memcmp(bytes + 8, "WEBP", 4) || !memcmp(bytes + 8, "WAVE", 4) ||
         !memcmp(bytes + 8, "AVI ", 4)))
        return other("a picture, sound or film", "a text is expected");
    if (is_spm(bytes, len)) return other("a SentencePiece model", "a text is expected");
    if (is_safetensors(bytes, len))
        return other("a model (safetensors)", "ttrans import reads models");
    if (tt_kind_utf16(bytes, len))
        return other("UTF-16 without its mark",
                     "name the encoding, or convert it first, as with iconv -f utf-16");
    return text(TT_TEXT_UTF8, 0);
}

bool tt_kind_windows_1252(const unsigned char *bytes, size_t len) {
    size_t bad = 0, good = 0; /* bytes that are no UTF-8; characters of several bytes that are */
    for (size_t i = 0; i < len;) {
        unsigned char b = bytes[i];
        if ((b < ' ' && (b < '\t' || b > '\r')) || b == 0x7F || b == 0xFF)
            return false; /* FF: hardly ever the letter */
        size_t size = b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
        if (size > 1 && (size > len - i || !tt_utf8_valid((const char *)bytes + i, size)))
            size = 1, bad++;
        good += size > 1;
        if (size == 1 && (b == 0x81 || b == 0x8D || b == 0x8F || b == 0x90 || b == 0x9D))
            return false;
        i += size;
    }
    return bad > 4 * good; /* two letters in a row that happen to be UTF-8 are rare */
}
