using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GlifMl.Datasets;

/// <summary>Reads a manifest a piece at a time: it may list a million shards, and most readers want one of them, or none.</summary>
internal sealed class ManifestReader : IDisposable
{
    private const string ShardsKey = "shards";

    private readonly Stream _file;
    private byte[] _buffer = new byte[1 << 16];
    private int _start,
        _end;
    private bool _isWhole;
    private JsonReaderState _state;
    private Place _place;
    private long _shard = -1;

    private ManifestReader(Stream file) => _file = file;

    private enum Place
    {
        Before,
        Within,
        Shards,
        Behind,
    }

    /// <summary>Reads a manifest, but for its shards: those are read when they are gone through.</summary>
    /// <exception cref="JsonException">It is no JSON, lacks something, or has something of another type.</exception>
    public static Manifest Read(Func<Stream> open, JsonSerializerOptions options)
    {
        var head = new JsonObject();
        var shards = 0;
        foreach (var item in Items(open, options))
        {
            if (item.Shard is not null)
                shards = checked(shards + 1);
            else
                head[item.Key!] = item.Value;
        }

        return head.Deserialize<Manifest>(options)! with
        {
            Shards = new ManifestShards(shards, () => Shards(open, options)),
        };
    }

    /// <summary>The shards that a manifest lists, one at a time.</summary>
    public static IEnumerable<ManifestShard> Shards(Func<Stream> open, JsonSerializerOptions options) =>
        Items(open, options).Select(item => item.Shard).OfType<ManifestShard>();

    /// <summary>What stands under a key above the shards; nothing behind it is read.</summary>
    public static JsonNode? Find(Func<Stream> open, string key, JsonSerializerOptions options) =>
        Items(open, options).FirstOrDefault(item => item.Key == key).Value;

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static IEnumerable<(string? Key, JsonNode? Value, ManifestShard? Shard)> Items(Func<Stream> open, JsonSerializerOptions options)
    {
        using var reader = new ManifestReader(open());
        while (reader.Next(options, out var item))
            yield return item;
    }

    private bool Next(JsonSerializerOptions options, out (string? Key, JsonNode? Value, ManifestShard? Shard) item)
    {
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _isWhole, _state);
            if (Step(ref reader, options, out item))
            {
                (_start, _state) = (_start + (int)reader.BytesConsumed, reader.CurrentState);
                if (item != default)
                    return true;
            }
            else if (_isWhole)
            {
                return false;
            }
            else
            {
                Fill();
            }
        }
    }

    /// <summary>One step, if all of it is in the buffer: a key and what stands under it, a shard, or a bracket, which is no item.</summary>
    private bool Step(ref Utf8JsonReader reader, JsonSerializerOptions options, out (string?, JsonNode?, ManifestShard?) item)
    {
        item = default;
        if (!reader.Read())
            return false;
        switch (_place)
        {
            case Place.Before:
                Require(reader.TokenType == JsonTokenType.StartObject, "$");
                _place = Place.Within;
                return true;
            case Place.Within when reader.TokenType == JsonTokenType.EndObject:
                _place = Place.Behind;
                return true;
            case Place.Within:
                var key = reader.GetString()!;
                if (key == ShardsKey)
                {
                    if (!reader.Read())
                        return false;
                    Require(reader.TokenType == JsonTokenType.StartArray, "$.shards");
                    _place = Place.Shards;
                    // The list is there, whatever is in it.
                    item = (key, new JsonArray(), null);
                    return true;
                }

                if (!TryParse(ref reader, out var value))
                    return false;
                item = (key, JsonSerializer.SerializeToNode(value, options), null);
                return true;
            case Place.Shards when reader.TokenType == JsonTokenType.EndArray:
                _place = Place.Within;
                return true;
            case Place.Shards:
                if (!TryParse(ref reader, out var shard))
                    return false;
                _shard++;
                item = (null, null, Shard(shard.Value, options));
                return true;
            default:
                throw new JsonException();
        }
    }

    private static bool TryParse(ref Utf8JsonReader reader, [NotNullWhen(true)] out JsonElement? value)
    {
        value = null;
        if (!JsonDocument.TryParseValue(ref reader, out var document))
            return false;
        using (document)
            value = document.RootElement.Clone();
        return true;
    }

    private ManifestShard Shard(JsonElement element, JsonSerializerOptions options)
    {
        var path = Invariant.Text($"$.shards[{_shard}]");
        ManifestShard? shard;
        try
        {
            shard = element.Deserialize<ManifestShard>(options);
        }
        catch (JsonException e)
        {
            throw new JsonException(e.Message, path + e.Path?.TrimStart('$'), null, null, e);
        }

        return shard ?? throw new JsonException(null, path, null, null);
    }

    private static void Require(bool isSo, string path)
    {
        if (!isSo)
            throw new JsonException(null, path, null, null);
    }

    private void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        var read = _file.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        _isWhole = read == 0;
    }
}

/// <summary>Shards that are made or read as they are gone through: none is kept.</summary>
/// <param name="count">How many there are.</param>
/// <param name="read">Goes through them.</param>
internal sealed class ManifestShards(int count, Func<IEnumerable<ManifestShard>> read) : IReadOnlyList<ManifestShard>
{
    /// <inheritdoc/>
    public int Count => count;

    /// <inheritdoc/>
    public ManifestShard this[int index] => read().ElementAt(index);

    /// <inheritdoc/>
    public IEnumerator<ManifestShard> GetEnumerator() => read().GetEnumerator();

    /// <inheritdoc/>
    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
}
