using GlifMl.Datasets;

namespace GlifMl.Tests.Datasets;

/// <summary>Readers check what writers promise.</summary>
public sealed class ShardChecksumTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _copy;
    private readonly string _first;

    public ShardChecksumTests()
    {
        // The shards that this process has written are known to it; their copies are not.
        var plan = HashedTraces.Plan(_folder["written"]);
        DatasetGenerator.Generate(new HashedTraces(new ShardSchema(25), 50), plan);
        _copy = Directory.CreateDirectory(_folder["copy"]).FullName;
        foreach (var file in Directory.GetFiles(plan.SplitDirectory))
            File.Copy(file, Path.Combine(_copy, Path.GetFileName(file)));
        _first = Path.Combine(_copy, "shard-00000-of-00003.parquet");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_OneBitChanged_IsNamedWithBothHashes()
    {
        var whole = ShardChecksum.Compute(_first);
        FlipOneBit();
        var message =
            $"{_first}: found SHA-256 {ShardChecksum.Compute(_first)[..16]}; expected {whole[..16]}: the shard is corrupt; "
            + "delete it to make it again, or choose another --data";

        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => ShardDataView.Open(_copy)).Message);
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => ShardDataView.Open([_first])).Message);
        Assert.Equal(50, ShardDataView.Open(_copy, verify: false).Rows);
    }

    [Fact]
    public void Open_OneBitChangedAndOnlyAManifest_IsNamed()
    {
        foreach (var file in Directory.GetFiles(_copy, "*.sha256"))
            File.Delete(file);
        Assert.Empty(ShardDataView.Open(_copy).Notes);
        FlipOneBit();
        Assert.StartsWith(
            $"{_first}: found SHA-256 ",
            Assert.Throws<InvalidDataException>(() => ShardDataView.Open(_copy)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Open_WithoutAnyChecksum_IsReadWithANote()
    {
        foreach (var file in Directory.GetFiles(_copy).Where(file => !file.EndsWith(".parquet", StringComparison.Ordinal)))
            File.Delete(file);
        var view = ShardDataView.Open(_first);
        Assert.Equal([$"{_first}: found no SHA-256 of it, neither beside it nor in manifest.json; read unchecked"], view.Notes);
        Assert.Equal(view.Notes, view.Subset([1]).Notes);
        Assert.Empty(ShardDataView.Open(_first, verify: false).Notes);
        File.WriteAllText(Path.Combine(_copy, "manifest.json"), "of another program");
        Assert.Single(ShardDataView.Open(_first).Notes);
    }

    [Fact]
    public void Open_Again_ChecksOnlyWhatChangedSince()
    {
        Assert.Empty(ShardDataView.Open(_copy).Notes);
        var written = File.GetLastWriteTimeUtc(_first);
        // Known by its length and its time: what stands beside it is not asked again.
        File.WriteAllText(_first + ".sha256", "");
        Assert.Empty(ShardDataView.Open(_copy).Notes);

        File.SetLastWriteTimeUtc(_first, written.AddSeconds(1));
        Assert.StartsWith(
            $"{_first}.sha256: found other text",
            Assert.Throws<InvalidDataException>(() => ShardDataView.Open(_copy)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Read_ShardChangedSinceTheViewWasOpened_IsRefused()
    {
        var view = ShardDataView.Open(_copy);
        FlipOneBit();
        using var reader = view.OpenReader();
        TraceBatch batch = new(view.ShardSchema, 8);
        Assert.StartsWith(
            $"{_first}: found SHA-256 ",
            Assert.Throws<InvalidDataException>(() => reader.Read(view.RowGroups[0], batch)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Open_Cancelled_Stops() =>
        Assert.ThrowsAny<OperationCanceledException>(() =>
            ShardDataView.Open(_copy, cancellationToken: new CancellationToken(canceled: true))
        );

    private void FlipOneBit()
    {
        using var file = File.Open(_first, FileMode.Open);
        file.Position = file.Length / 4;
        var bits = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(bits ^ 0x10));
    }
}
