using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;

namespace GlifMl.Datasets;

/// <summary>
/// The lines of a text file as people and programs write them: UTF-8, UTF-16 or Latin-1, any line end. What is no text is named, and no
/// line is read further than a row of numbers is long. Read as a <see cref="TextReader"/> it gives what a parser of separated values
/// expects: rows that end in a line feed, with their quotation marks closed, comments emptied.
/// </summary>
internal sealed class DelimitedText : TextReader
{
    /// <summary>Stands for a comment: a row that is neither numbers nor blank.</summary>
    public const string Comment = "#";

    /// <summary>Longest line. A header of five thousand columns is shorter; what is longer is no table.</summary>
    public const int MostCharacters = 1 << 16;

    private const int HeadBytes = 4096;
    private const int BufferCharacters = 1 << 14;

    private readonly TextReader _text;
    private readonly char[] _buffer = new char[BufferCharacters];
    private readonly Queue<string> _again = new();
    private (int At, int End) _unread;
    private (string Text, int At) _row = ("", 0);

    private DelimitedText(TextReader text, string source) => (_text, Source) = (text, source);

    /// <summary>Where the text comes from, as messages name it.</summary>
    public string Source { get; }

    /// <summary>The number of the line read last, from 1; 0 before the first.</summary>
    public int Line { get; private set; }

    /// <summary>
    /// Whether rows are separated by any run of blanks, which a parser of separated values does not know: they become one tab.
    /// </summary>
    public bool JoinsBlanks { get; set; }

    /// <summary>Opens a text; the stream is closed with it, and need not be able to seek.</summary>
    /// <exception cref="InvalidDataException">The bytes are not text; what they are is named.</exception>
    public static DelimitedText Open(Stream stream, string source)
    {
        // The pipe gives its first bytes back: a stream such as standard input cannot be rewound.
        var pipe = PipeReader.Create(stream);
        var read = pipe.ReadAtLeastAsync(HeadBytes).AsTask().GetAwaiter().GetResult();
        var head = read.Buffer.Slice(0, Math.Min(HeadBytes, read.Buffer.Length)).ToArray();
        pipe.AdvanceTo(read.Buffer.Start);
        if (BinaryFormat.Of(head) is { } format)
        {
            pipe.Complete();
            throw new InvalidDataException($"{source}: found {format}; expected text: a header and rows of numbers");
        }
        return new DelimitedText(new StreamReader(pipe.AsStream(), EncodingOf(head)), source);
    }

    /// <summary>An error at a line of this text.</summary>
    public InvalidDataException Fault(int line, string found, string expected) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Source}:{line}: found {found}; expected {expected}"));

    /// <summary>The next line as it stands, without its end; null after the last.</summary>
    /// <exception cref="InvalidDataException">The line is longer than a row of numbers can be.</exception>
    public override string? ReadLine()
    {
        if (_again.TryDequeue(out var again))
        {
            Line++;
            return again;
        }
        if (_unread.At == _unread.End && !Fill())
            return null;
        Line++;
        StringBuilder? begun = null;
        while (true)
        {
            var rest = _buffer.AsSpan(_unread.At.._unread.End);
            var length = rest.IndexOfAny('\r', '\n');
            var part = length < 0 ? rest : rest[..length];
            if ((begun?.Length ?? 0) + part.Length > MostCharacters)
                throw Fault(Line, $"a line of more than {MostCharacters} characters", "a header and rows of numbers");
            if (length >= 0)
            {
                var line = begun is null ? part.ToString() : begun.Append(part).ToString();
                var isReturn = rest[length] == '\r';
                _unread.At += length + 1;
                if (isReturn && (_unread.At < _unread.End || Fill()) && _buffer[_unread.At] == '\n')
                    _unread.At++;
                return line;
            }
            (begun ??= new StringBuilder()).Append(part);
            if (!Fill())
                return begun.ToString();
        }
    }

    /// <summary>Takes back the lines read last, in their order: they are read again next.</summary>
    public void PutBack(IReadOnlyCollection<string> lines)
    {
        foreach (var line in lines)
            _again.Enqueue(line);
        Line -= lines.Count;
    }

    /// <inheritdoc/>
    public override int Read(Span<char> buffer)
    {
        if (_row.At == _row.Text.Length)
        {
            if (ReadLine() is not { } line)
                return 0;
            _row = (Row(line) + '\n', 0);
        }
        var count = Math.Min(buffer.Length, _row.Text.Length - _row.At);
        _row.Text.AsSpan(_row.At, count).CopyTo(buffer);
        _row.At += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override int Read()
    {
        Span<char> one = stackalloc char[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    /// <summary>Whether a line is a comment.</summary>
    public static bool IsComment(ReadOnlySpan<char> line) => line.TrimStart() is ['#' or '%', ..];

    /// <summary>A line whose runs of blanks are one tab each.</summary>
    public static string Joined(string line) => string.Join('\t', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _text.Dispose();
        base.Dispose(disposing);
    }

    // An open quotation mark would take the lines after it into one cell, and every line number after it would be wrong.
    private string Row(string line) =>
        IsComment(line) ? Comment
        : line.AsSpan().Count('"') % 2 != 0 ? throw Fault(Line, "a quotation mark that is not closed", "one that is, in the same line")
        : JoinsBlanks ? Joined(line)
        : line;

    private bool Fill()
    {
        _unread = (0, _text.Read(_buffer, 0, _buffer.Length));
        return _unread.End > 0;
    }

    // Latin-1 where UTF-8 is not valid: it is what older programs write the micro sign in. A byte order mark is followed whatever this
    // says.
    private static Encoding EncodingOf(byte[] head)
    {
        if (BinaryFormat.Utf16(head) is { } utf16)
            return utf16;
        try
        {
            // Not flushed: the head may end within a character.
            new UTF8Encoding(false, throwOnInvalidBytes: true)
                .GetDecoder()
                .GetCharCount(head, flush: false);
            return Encoding.UTF8;
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1;
        }
    }
}
