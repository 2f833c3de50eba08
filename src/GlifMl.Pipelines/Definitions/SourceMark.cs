namespace GlifMl.Pipelines;

/// <summary>The place a value of a definition was written at.</summary>
/// <param name="File">The definition file as the user named it, or the text of a <c>--set</c> override.</param>
/// <param name="Line">Line, counted from 1; 0 for a <c>--set</c> override, whose whole text is its place.</param>
/// <param name="Column">Column, counted from 1; 0 for a <c>--set</c> override.</param>
public sealed record SourceMark(string File, int Line, int Column)
{
    /// <summary>The folder that relative paths written at this place start from: the file's own, or the working directory for an override.</summary>
    internal string BaseDirectory => Line == 0 ? Directory.GetCurrentDirectory() : Path.GetDirectoryName(Path.GetFullPath(File))!;

    /// <summary>Words the place as compilers do.</summary>
    /// <returns><c>file:line:column</c>, or the text of the override.</returns>
    public override string ToString() => Line == 0 ? File : $"{File}:{Line}:{Column}";
}
