namespace GlifMl.Pipelines;

/// <summary>Whether numbers from 0 to 1 are spread evenly: Kolmogorov and Smirnov's test.</summary>
/// <remarks>
/// Up to a million numbers are kept and sorted. Of more, counts in a million parts are: the distance is then that at the edges of the
/// parts, at most a millionth short.
/// </remarks>
internal sealed class Uniformity
{
    private const int Most = 1 << 20;

    private List<double> _numbers = [];
    private uint[]? _counts;
    private long _count;

    /// <summary>Adds a number from 0 to 1.</summary>
    public void Add(double number)
    {
        if (_counts is null && _count == Most)
        {
            _counts = new uint[Most];
            _numbers.ForEach(Count);
            _numbers = [];
        }

        _count++;
        if (_counts is null)
            _numbers.Add(number);
        else
            Count(number);
    }

    /// <summary>The probability of numbers at least as uneven where they are even.</summary>
    public double P()
    {
        var distance = _counts is null ? OfNumbers() : OfCounts(_counts);
        // Stephens 1970: with this the limit's distribution holds for few numbers too.
        var root = Math.Sqrt(_count);
        var x = (root + 0.12 + (0.11 / root)) * distance;
        if (x < 0.2)
            return 1;
        var sum = 0.0;
        for (var j = 1; j <= 100; j++)
            sum += (j % 2 == 1 ? 2 : -2) * Math.Exp(-2.0 * j * j * x * x);
        return Math.Clamp(sum, 0, 1);
    }

    private void Count(double number) => _counts![Math.Min(Most - 1, (int)(number * Most))]++;

    private double OfNumbers()
    {
        _numbers.Sort();
        var distance = 0.0;
        for (var i = 0; i < _numbers.Count; i++)
            distance = Math.Max(distance, Math.Max(_numbers[i] - ((double)i / _numbers.Count), ((i + 1.0) / _numbers.Count) - _numbers[i]));
        return distance;
    }

    private double OfCounts(uint[] counts)
    {
        var (distance, below) = (0.0, 0L);
        for (var part = 0; part < counts.Length; part++)
        {
            below += counts[part];
            distance = Math.Max(distance, Math.Abs(((double)below / _count) - ((part + 1.0) / counts.Length)));
        }

        return distance;
    }
}
