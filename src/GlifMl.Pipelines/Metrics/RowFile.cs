using System.Globalization;
using System.Text;

namespace GlifMl.Pipelines;

/// <summary>A table of a model's folder that is written a row at a time, and is there whole or not at all.</summary>
internal sealed class RowFile : IDisposable
{
    private const int BufferBytes = 1 << 16;

    private readonly AtomicFile _file;
    private readonly StringBuilder _text = new(BufferBytes);

    /// <param name="path">The file.</param>
    /// <param name="columns">Its header.</param>
    /// <exception cref="IOException">The folder cannot be written to; the message names the file.</exception>
    public RowFile(string path, IEnumerable<string> columns)
    {
        _file = AtomicFile.Create(path);
        _text.AppendJoin(',', columns).Append('\n');
    }

    /// <summary>Adds a cell to the row under way, with all its digits.</summary>
    public void Add<T>(T value)
        where T : ISpanFormattable =>
        _text.Append(_text.Length > 0 && _text[^1] != '\n' ? "," : "").Append(CultureInfo.InvariantCulture, $"{value:R}");

    /// <summary>Ends the row under way.</summary>
    /// <exception cref="IOException">The disk is full or gone; the message names the file.</exception>
    public void EndRow()
    {
        _text.Append('\n');
        if (_text.Length >= BufferBytes)
            Flush();
    }

    /// <summary>Gives the file its name.</summary>
    /// <exception cref="IOException">The disk is full or gone; the message names the file.</exception>
    public void Commit()
    {
        Flush();
        _file.Commit();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Flush()
    {
        _file.Append(Encoding.UTF8.GetBytes(_text.ToString()));
        _text.Clear();
    }
}
