using System.Text.RegularExpressions;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests;

/// <summary>Every place of the program that writes a file stands in the decision record, with what becomes of the file.</summary>
public sealed partial class WrittenFilesTests
{
    private const string Record = ".github/decisions/0017-files-that-are-written.md";

    [Fact]
    public void Sources_ThatWriteFiles_AreThoseOfTheRecord()
    {
        var listed = Source
            .Matches(File.ReadAllText(Glifml.Path(Record)))
            .Select(match => match.Value)
            .Order(StringComparer.Ordinal)
            .Distinct()
            .ToArray();
        var writing = Sources()
            .Where(source => IsWriting(source.Text))
            .Select(source => source.Name)
            .Order(StringComparer.Ordinal)
            .ToArray();

        Assert.True(
            writing.SequenceEqual(listed),
            $"{Record} lists the places where files are written. Not in it: {string.Join(", ", writing.Except(listed))}. "
                + $"In it, but writing no more: {string.Join(", ", listed.Except(writing))}."
        );
    }

    [Fact]
    public void Sources_OutsideTheThreeWays_UseNothingThatWritesByItself()
    {
        // Files that are moved into place by a list, an empty one that is locked, and events that TorchSharp appends to.
        string[] other =
        [
            "src/GlifMl.Cli/Journal.cs",
            "src/GlifMl.Pipelines/Stages/FolderLock.cs",
            "src/GlifMl.Pipelines/Stages/ModelSwap.cs",
            "src/GlifMl.Torch/Training/TrainingLog.cs",
        ];
        Assert.Empty(
            Sources()
                .Where(source => !source.Name.StartsWith("src/Shared/", StringComparison.Ordinal) && !other.Contains(source.Name))
                .SelectMany(source => Raw.Matches(source.Text).Select(match => $"{source.Name}: {match.Value}"))
        );
    }

    [Theory]
    [InlineData("File.WriteAllText(path, text);")]
    [InlineData("using var file = File.Open(path, FileMode.Create);")]
    [InlineData("new FileStream(path, FileMode.Create)")]
    [InlineData("using FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);")]
    [InlineData("using var writer = new StreamWriter(path);")]
    [InlineData("using StreamWriter writer = new(Path.Combine(folder, \"a\"));")]
    [InlineData("Directory.Move(from, to);")]
    [InlineData("new FileInfo(path).MoveTo(other)")]
    [InlineData("Directory.CreateTempSubdirectory()")]
    [InlineData("AtomicFile.WriteAllBytes(path, bytes);")]
    public void IsWriting_AnyWay_IsFound(string code) => Assert.True(IsWriting(code));

    [Theory]
    [InlineData("new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)")]
    [InlineData("using FileStream file = new(shardPath, FileMode.Open, FileAccess.Read);")]
    [InlineData("using var writer = new StreamWriter(stream, leaveOpen: true);")]
    [InlineData("File.OpenRead(path)")]
    [InlineData("File.Delete(path)")]
    public void IsWriting_Reading_IsNotFound(string code) => Assert.False(IsWriting(code));

    private static bool IsWriting(string code) => Raw.IsMatch(code) || Way.IsMatch(code);

    private static IEnumerable<(string Name, string Text)> Sources() =>
        Directory
            .GetFiles(Glifml.Path("src"), "*.cs", SearchOption.AllDirectories)
            .Select(path => (Name: Path.GetRelativePath(Glifml.Repository, path).Replace('\\', '/'), Text: File.ReadAllText(path)))
            .Where(source =>
                !source.Name.Contains("/obj/", StringComparison.Ordinal) && !source.Name.Contains("/bin/", StringComparison.Ordinal)
            );

    [GeneratedRegex(@"src/[\w./]+\.cs")]
    private static partial Regex Source { get; }

    /// <summary>What writes by itself: calls of .NET, and of libraries that take a path.</summary>
    [GeneratedRegex(
        """
            \bFile\.(Create|CreateText|CreateSymbolicLink|Write\w+|Append\w+|Open|OpenWrite|OpenHandle|Move|Copy|Replace)\(
            |\bDirectory\.(Move|CreateTempSubdirectory|CreateSymbolicLink)\(
            |\bFileInfo\([^;]*\.(MoveTo|Replace|Create|CreateText|AppendText|Open|OpenWrite)\(
            |\bFileStream\b(\ \w+\ =\ new)?\((?![^;]*FileAccess\.Read\b)
            |\bStreamWriter\b(\ \w+\ =\ new)?\((?!\s*[\w.]*[sS]tream\b)
            |\bSummaryWriter\(
            |\bZipFile\.
            |\bMemoryMappedFile\.Create
            """,
        RegexOptions.IgnorePatternWhitespace
    )]
    private static partial Regex Raw { get; }

    [GeneratedRegex(@"\b(AtomicFile|OutputFile|TemporaryFolder)\.(Create|Write\w*|RemoveLeftovers)\(")]
    private static partial Regex Way { get; }
}
