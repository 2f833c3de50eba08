using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>
/// The processes that train one network together: each takes its share of every batch, and all take the same step by the sum of their
/// gradients. The sum is in double precision and in the order of the processes, whichever comes first, so that it is the same each time
/// for as many processes, and within rounding that of one.
/// </summary>
internal sealed unsafe class TrainingPeers
{
    private readonly CancellationToken _cancellation;
    private double* _sent,
        _received;
    private int _size = -1,
        _used;

    private TrainingPeers(int rank, int count, CancellationToken cancellation) =>
        (Rank, Count, _cancellation) = (rank, count, cancellation);

    /// <summary>Number of this process, from 0.</summary>
    public int Rank { get; }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Whether this process is the one that writes files and says what is done.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Joins the processes that mpirun or srun started.</summary>
    /// <param name="cancellation">Stops waiting for the others.</param>
    /// <exception cref="DllNotFoundException">There is no Open MPI on this machine.</exception>
    public static TrainingPeers Join(CancellationToken cancellation)
    {
        try
        {
            var (rank, count) = Mpi.Join();
            return new(rank, count, cancellation);
        }
        catch (TypeInitializationException e) when (e.InnerException is DllNotFoundException missing)
        {
            throw new DllNotFoundException(missing.Message, e);
        }
    }

    /// <summary>Refuses what cannot be shared.</summary>
    /// <param name="batch">Rows of a batch.</param>
    /// <param name="leastRows">Rows that the module needs together.</param>
    /// <exception cref="ArgumentException">There are too few rows, or they must not be parted.</exception>
    public void Check(long batch, int leastRows)
    {
        if (leastRows > 1 && Count > 1)
            throw new ArgumentException(
                $"found {Count} processes and batch normalisation; expected one process, because it needs a batch whole"
            );
        if (batch < Count)
            throw new ArgumentException($"found {Count} processes for batches of {batch} traces; expected no more processes than traces");
    }

    /// <summary>Of the rows of a batch, those of this process.</summary>
    public (int First, int Count) Share(int rows)
    {
        var first = (int)((long)rows * Rank / Count);
        return (first, (int)((long)rows * (Rank + 1) / Count) - first);
    }

    /// <summary>Gives every process the weighted sum of all gradients in place of its own.</summary>
    /// <param name="parameters">The parameters; those without a gradient have none in any process.</param>
    /// <param name="weight">What share of the whole this process's gradient and loss are the mean of.</param>
    /// <param name="loss">This process's mean loss.</param>
    /// <returns>The weighted sum of all losses.</returns>
    public double SumGradients(Tensor[] parameters, double weight, double loss)
    {
        var values = Values(checked((int)parameters.Sum(parameter => parameter.numel()) + 1));
        var at = 0;
        foreach (var parameter in parameters)
        {
            using var gradient = parameter.grad;
            if (gradient is not null)
            {
                var own = TensorMemory.Values(gradient);
                for (var j = 0; j < own.Length; j++)
                    values[at + j] = weight * own[j];
            }
            else
            {
                values.Slice(at, (int)parameter.numel()).Clear();
            }

            at += (int)parameter.numel();
        }

        values[at] = weight == 0 ? 0 : weight * loss;
        Sum();
        at = 0;
        foreach (var parameter in parameters)
        {
            using var gradient = parameter.grad;
            if (gradient is not null)
            {
                var own = TensorMemory.Values(gradient);
                for (var j = 0; j < own.Length; j++)
                    own[j] = (float)values[at + j];
            }

            at += (int)parameter.numel();
        }

        return values[at];
    }

    /// <summary>The sum over all processes of a number.</summary>
    public double Sum(double value)
    {
        var values = Values(1);
        values[0] = value;
        Sum();
        return values[0];
    }

    /// <summary>Gives every process what the first one says.</summary>
    /// <param name="text">What it says; of the others nobody reads it.</param>
    public string Tell(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = BitConverter.GetBytes(bytes.Length);
        Mpi.Broadcast(length, _cancellation);
        if (!IsFirst)
            bytes = new byte[BitConverter.ToInt32(length)];
        Mpi.Broadcast(bytes, _cancellation);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Ends the training of all, once all are here.</summary>
    public void Leave()
    {
        NativeMemory.Free(_sent);
        NativeMemory.Free(_received);
        _sent = _received = null;
        _size = -1;
        Mpi.Leave();
    }

    /// <summary>The numbers that are summed next, in place; what is behind them is 0.</summary>
    private Span<double> Values(int size)
    {
        var whole = Piece(size) * Count;
        if (whole > _size)
        {
            _size = whole;
            _sent = (double*)NativeMemory.Realloc(_sent, (nuint)whole * sizeof(double));
            _received = (double*)NativeMemory.Realloc(_received, (nuint)whole * sizeof(double));
        }

        _used = size;
        new Span<double>(_sent + size, whole - size).Clear();
        return new(_sent, size);
    }

    private int Piece(int size) => ((size - 1) / Count) + 1;

    // Each process sums one piece of all, in their order, and hands it to the others.
    private void Sum()
    {
        var piece = Piece(_used);
        Mpi.Exchange(_sent, _received, piece, _cancellation);
        for (var j = 0; j < piece; j++)
        {
            var sum = 0.0;
            for (var rank = 0; rank < Count; rank++)
                sum += _received[(rank * piece) + j];
            _received[j] = sum;
        }

        Mpi.Gather(_received, _sent, piece, _cancellation);
    }
}
