using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Onnx;

/// <summary>
/// The operator that stands for LSTM nodes in a graph that has been loaded: managed code, which OnnxRuntime calls through a table of
/// function pointers. What a node computes is an <see cref="LstmNode"/>, which its attribute names.
/// </summary>
internal static unsafe class LstmOperator
{
    public const string Domain = "glifml.engine";
    public const string Name = "Lstm";
    public const string NodeAttribute = "node";

    private const int Single = 1; // ONNXTensorElementDataType
    private const int Int32 = 6;
    private const int Optional = 1; // OrtCustomOpInputOutputCharacteristic

    private static readonly Lazy<nint> Registered = new(Register);
    private static readonly ConcurrentDictionary<long, LstmNode> Waiting = new();
    private static long _lastNode;

    [ThreadStatic]
    private static int _threads;

    private static byte* _name;

    /// <summary>
    /// Threads that share a node's work when it is run from this thread, as it is in a session of one thread; 0 for the machine's cores.
    /// </summary>
    public static int Threads
    {
        get => _threads;
        set => _threads = value;
    }

    /// <summary>Makes the operator known to the sessions that these options will make.</summary>
    public static void AddTo(SessionOptions options) => OrtApi.AddDomain(options, Registered.Value);

    /// <summary>Gives a node the number that its attribute is to say, until the session that holds it is made.</summary>
    public static long Announce(LstmNode node)
    {
        var number = Interlocked.Increment(ref _lastNode);
        Waiting[number] = node;
        return number;
    }

    /// <summary>The session is made: its kernels hold their nodes.</summary>
    public static void Forget(long number) => Waiting.TryRemove(number, out _);

    private static nint Register()
    {
        _name = (byte*)Marshal.StringToCoTaskMemUTF8(Name);
        var operation = (CustomOperator*)NativeMemory.AllocZeroed((nuint)sizeof(CustomOperator));
        *operation = new CustomOperator
        {
            Version = OrtApi.Version,
            CreateKernel = &CreateOld,
            GetName = &GetName,
            GetExecutionProviderType = &GetProvider,
            GetInputType = &GetInputType,
            GetInputTypeCount = &GetInputCount,
            GetOutputType = &GetOutputType,
            GetOutputTypeCount = &GetOutputCount,
            KernelCompute = &ComputeOld,
            KernelDestroy = &Destroy,
            GetInputCharacteristic = &GetInputCharacteristic,
            GetOutputCharacteristic = &GetOutputCharacteristic,
            GetInputMemoryType = &GetInputMemoryType,
            GetVariadicInputMinArity = &GetZero,
            GetVariadicInputHomogeneity = &GetZero,
            GetVariadicOutputMinArity = &GetZero,
            GetVariadicOutputHomogeneity = &GetZero,
            CreateKernelV2 = &Create,
            KernelComputeV2 = &Compute,
            GetStartVersion = &GetOne,
            GetEndVersion = &GetOne,
        };
        var domain = OrtApi.CreateDomain(Domain);
        OrtApi.AddToDomain(domain, operation);
        return domain;
    }

    // No exception may leave what follows: it would end the process.

    [UnmanagedCallersOnly]
    private static nint Create(CustomOperator* operation, nint api, nint info, nint* kernel)
    {
        try
        {
            var number = OrtApi.AttributeOf(info, "node\0"u8);
            if (!Waiting.TryGetValue(number, out var node))
                throw new InvalidOperationException($"found node {number}; expected one that was announced");
            *kernel = GCHandle.ToIntPtr(GCHandle.Alloc(node));
            return 0;
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    [UnmanagedCallersOnly]
    private static nint Compute(nint kernel, nint context)
    {
        try
        {
            ((LstmNode)GCHandle.FromIntPtr(kernel).Target!).Compute(context, _threads);
            return 0;
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    [UnmanagedCallersOnly]
    private static void Destroy(nint kernel) => GCHandle.FromIntPtr(kernel).Free();

    private static nint Failed(Exception e)
    {
        try
        {
            return OrtApi.Failure(OrtApi.Utf8($"LSTM kernel: {e.Message}"));
        }
        catch (OutOfMemoryException)
        {
            return OrtApi.Failure("LSTM kernel: found no memory; expected some\0"u8);
        }
    }

    // Of interfaces before 16, which are never asked for: the table must be full nevertheless.
    [UnmanagedCallersOnly]
    private static nint CreateOld(CustomOperator* operation, nint api, nint info) => 0;

    [UnmanagedCallersOnly]
    private static void ComputeOld(nint kernel, nint context) { }

    [UnmanagedCallersOnly]
    private static byte* GetName(CustomOperator* operation) => _name;

    [UnmanagedCallersOnly]
    private static byte* GetProvider(CustomOperator* operation) => null;

    [UnmanagedCallersOnly]
    private static int GetInputType(CustomOperator* operation, nuint index) => index == LstmNode.LengthsInput ? Int32 : Single;

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(CustomOperator* operation) => LstmNode.InputCount;

    [UnmanagedCallersOnly]
    private static int GetOutputType(CustomOperator* operation, nuint index) => Single;

    [UnmanagedCallersOnly]
    private static nuint GetOutputCount(CustomOperator* operation) => LstmNode.OutputCount;

    [UnmanagedCallersOnly]
    private static int GetInputCharacteristic(CustomOperator* operation, nuint index) => index == LstmNode.SamplesInput ? 0 : Optional;

    [UnmanagedCallersOnly]
    private static int GetOutputCharacteristic(CustomOperator* operation, nuint index) => Optional;

    [UnmanagedCallersOnly]
    private static int GetInputMemoryType(CustomOperator* operation, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int GetZero(CustomOperator* operation) => 0;

    [UnmanagedCallersOnly]
    private static int GetOne(CustomOperator* operation) => 1;

    /// <summary>OrtCustomOp of onnxruntime_c_api.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CustomOperator
    {
        public uint Version;
        public delegate* unmanaged<CustomOperator*, nint, nint, nint> CreateKernel;
        public delegate* unmanaged<CustomOperator*, byte*> GetName;
        public delegate* unmanaged<CustomOperator*, byte*> GetExecutionProviderType;
        public delegate* unmanaged<CustomOperator*, nuint, int> GetInputType;
        public delegate* unmanaged<CustomOperator*, nuint> GetInputTypeCount;
        public delegate* unmanaged<CustomOperator*, nuint, int> GetOutputType;
        public delegate* unmanaged<CustomOperator*, nuint> GetOutputTypeCount;
        public delegate* unmanaged<nint, nint, void> KernelCompute;
        public delegate* unmanaged<nint, void> KernelDestroy;
        public delegate* unmanaged<CustomOperator*, nuint, int> GetInputCharacteristic;
        public delegate* unmanaged<CustomOperator*, nuint, int> GetOutputCharacteristic;
        public delegate* unmanaged<CustomOperator*, nuint, int> GetInputMemoryType;
        public delegate* unmanaged<CustomOperator*, int> GetVariadicInputMinArity;
        public delegate* unmanaged<CustomOperator*, int> GetVariadicInputHomogeneity;
        public delegate* unmanaged<CustomOperator*, int> GetVariadicOutputMinArity;
        public delegate* unmanaged<CustomOperator*, int> GetVariadicOutputHomogeneity;
        public delegate* unmanaged<CustomOperator*, nint, nint, nint*, nint> CreateKernelV2;
        public delegate* unmanaged<nint, nint, nint> KernelComputeV2;
        public nint InferOutputShape;
        public delegate* unmanaged<CustomOperator*, int> GetStartVersion;
        public delegate* unmanaged<CustomOperator*, int> GetEndVersion;
        public nint GetMayInplace;
        public nint ReleaseMayInplace;
        public nint GetAliasMap;
        public nint ReleaseAliasMap;
    }
}
