namespace GlifMl.Datasets;

/// <summary>
/// The levels of a page of traces, in Parquet's run-length and bit-packing hybrid: which value starts a list, and whether each is there.
/// With lists of one length they are known beforehand, so that the runs are compared and no level is ever written out.
/// </summary>
/// <remarks>https://parquet.apache.org/docs/file-format/data-pages/encodings/</remarks>
internal ref struct TraceLevels(ReadOnlySpan<byte> runs)
{
    private readonly ReadOnlySpan<byte> _runs = runs;
    private int _position;

    /// <summary>Whether the levels are those of lists of one length.</summary>
    /// <param name="runs">The bytes.</param>
    /// <param name="most">The highest level, which all values have that do not start a list.</param>
    /// <param name="firstValue">Number in its column chunk of the page's first value.</param>
    /// <param name="count">Values of the page.</param>
    /// <param name="length">Values of a list, each first of which has level 0; 0 where there is no such level.</param>
    public static bool AreRegular(ReadOnlySpan<byte> runs, int most, long firstValue, int count, int length)
    {
        TraceLevels levels = new(runs);
        // One bit, or two: no shard nests deeper, and then a level takes a byte.
        var bits = most > 1 ? 2 : 1;
        for (var done = 0; done < count; )
        {
            if (!levels.TryNumber(out var head))
                return false;
            var run = (int)Math.Min(head >> 1, int.MaxValue / 8);
            var isPacked = (head & 1) != 0;
            var values = Math.Min(isPacked ? run * 8 : run, count - done);
            if (values == 0)
                return false;
            var isRegular = isPacked
                ? levels.IsPacked(bits, run, most, firstValue + done, values, length)
                : levels.IsRun(most, firstValue + done, values, length);
            if (!isRegular)
                return false;
            done += values;
        }
        return true;
    }

    private static int Expected(int most, long value, int length) => length > 0 && value % length == 0 ? 0 : most;

    private bool IsRun(int most, long first, int values, int length)
    {
        if (_position == _runs.Length)
            return false;
        var level = _runs[_position++];
        if (length == 0)
            return level == most;
        // How many values from the first one on are of one level.
        var inList = first % length;
        var alike = inList > 0 ? length - inList : 1;
        return level == Expected(most, first, length) && (values <= alike || length == 1);
    }

    private bool IsPacked(int bits, int groups, int most, long first, int values, int length)
    {
        var bytes = (long)groups * bits;
        if (bytes > _runs.Length - _position)
            return false;
        var packed = _runs.Slice(_position, (int)bytes);
        _position += (int)bytes;
        for (var n = 0; n < values; n++)
        {
            var bit = n * bits;
            if ((packed[bit / 8] >> (bit % 8) & ((1 << bits) - 1)) != Expected(most, first + n, length))
                return false;
        }
        return true;
    }

    private bool TryNumber(out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 35 && _position < _runs.Length; shift += 7)
        {
            var next = _runs[_position++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return true;
        }
        return false;
    }
}
