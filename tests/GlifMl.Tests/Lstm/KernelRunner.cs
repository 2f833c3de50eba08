using System.Runtime.InteropServices;
using GlifMl.Lstm;

namespace GlifMl.Tests.Lstm;

/// <summary>Runs a kernel over pinned arrays.</summary>
internal static unsafe class KernelRunner
{
    public static (LstmOutputArrays Outputs, LstmGradientArrays Gradients) Run(ILstmKernel kernel, LstmProblem problem, int threads = 2)
    {
        using var pins = new Pins();
        var g = problem.Geometry;
        var outputs = LstmOutputArrays.Of(g);
        var gradients = LstmGradientArrays.Of(g);
        var call = new LstmCall
        {
            Geometry = g,
            Parameters = pins.Parameters(problem.Parameters),
            Input = pins.Pin(problem.Input),
            Lengths = problem.Lengths,
            InitialHidden = pins.Pin(problem.InitialHidden),
            InitialCell = pins.Pin(problem.InitialCell),
            FinalHidden = pins.Pin(outputs.FinalHidden),
            FinalCell = pins.Pin(outputs.FinalCell),
            TimeMean = pins.Pin(outputs.TimeMean),
            Sequence = pins.Pin(outputs.Sequence),
            Checkpoints = pins.Pin(new float[kernel.CheckpointFloats(g)]),
        };
        kernel.Forward(call, threads);
        kernel.Backward(
            call,
            new()
            {
                FinalHidden = pins.Pin(problem.OutputGradients.FinalHidden),
                FinalCell = pins.Pin(problem.OutputGradients.FinalCell),
                TimeMean = pins.Pin(problem.OutputGradients.TimeMean),
                Sequence = pins.Pin(problem.OutputGradients.Sequence),
                Parameters = pins.Parameters(gradients.Parameters),
                Input = pins.Pin(gradients.Input),
                InitialHidden = pins.Pin(gradients.InitialHidden),
                InitialCell = pins.Pin(gradients.InitialCell),
            },
            threads
        );
        return (outputs, gradients);
    }

    private sealed class Pins : IDisposable
    {
        private readonly List<GCHandle> _handles = [];

        /// <summary>Null for an empty array.</summary>
        public float* Pin(float[] array)
        {
            if (array.Length == 0)
                return null;
            var handle = GCHandle.Alloc(array, GCHandleType.Pinned);
            _handles.Add(handle);
            return (float*)handle.AddrOfPinnedObject();
        }

        public LstmParameters[] Parameters(float[][][] arrays)
        {
            var parameters = new LstmParameters[arrays.Length];
            for (var direction = 0; direction < arrays.Length; direction++)
            {
                var p = arrays[direction];
                parameters[direction] = new(Pin(p[0]), Pin(p[1]), Pin(p[2]), Pin(p[3]));
            }

            return parameters;
        }

        public void Dispose() => _handles.ForEach(handle => handle.Free());
    }
}
