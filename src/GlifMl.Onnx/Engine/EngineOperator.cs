using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using GlifMl.Onnx.Protos;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Onnx;

/// <summary>
/// The operators that stand for other nodes in a graph that has been loaded: managed code, which OnnxRuntime calls through tables of
/// function pointers. What a node computes is an <see cref="EngineNode"/>, which its attribute names.
/// </summary>
internal static unsafe class EngineOperator
{
    public const string Domain = "glifml.engine";
    private const string NodeAttribute = "node";

    private const int Single = 1; // ONNXTensorElementDataType
    private const int Int32 = 6;
    private const int Optional = 1; // OrtCustomOpInputOutputCharacteristic

    private static readonly Lazy<nint> Registered = new(Register);
    private static readonly ConcurrentDictionary<long, EngineNode> Waiting = new();
    private static long _lastNode;

    [ThreadStatic]
    private static int _threads;

    /// <summary>
    /// Threads that share a node's work when it is run from this thread, as it is in a session of one thread; 0 for the machine's cores.
    /// </summary>
    public static int Threads
    {
        get => _threads;
        set => _threads = value;
    }

    /// <summary>Makes the operators known to the sessions that these options will make.</summary>
    public static void AddTo(SessionOptions options) => OrtApi.AddDomain(options, Registered.Value);

    /// <summary>Puts an operator in the place of a graph's node, which has the operator's inputs and outputs already.</summary>
    /// <returns>The number under which the node waits until the session that holds it is made.</returns>
    public static long Announce(NodeProto proto, EngineNode node)
    {
        (proto.OpType, proto.Domain) = (node.Signature.Name, Domain);
        node.Connect(proto.Input, proto.Output);
        var number = Interlocked.Increment(ref _lastNode);
        Waiting[number] = node;
        proto.Attribute.Clear();
        proto.Attribute.Add(
            new AttributeProto
            {
                Name = NodeAttribute,
                Type = AttributeProto.Types.AttributeType.Int,
                I = number,
            }
        );
        return number;
    }

    /// <summary>The session is made: its kernels hold their nodes.</summary>
    public static void Forget(long number) => Waiting.TryRemove(number, out _);

    private static nint Register()
    {
        var domain = OrtApi.CreateDomain(Domain);
        foreach (var signature in new[] { LstmNode.Lstm, MembraneFitNode.MembraneFit })
            OrtApi.AddToDomain(domain, Table(signature));
        return domain;
    }

    private static OperatorTable* Table(EngineSignature signature)
    {
        var table = (OperatorTable*)NativeMemory.AllocZeroed((nuint)sizeof(OperatorTable));
        table->Name = (byte*)Marshal.StringToCoTaskMemUTF8(signature.Name);
        (table->Inputs, table->Required) = (signature.Inputs, signature.Required);
        (table->Int32Input, table->Outputs) = (signature.Int32Input, signature.Outputs);
        table->Operator = new CustomOperator
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
        return table;
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
            ((EngineNode)GCHandle.FromIntPtr(kernel).Target!).Compute(context, _threads);
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
            return OrtApi.Failure(OrtApi.Utf8($"kernel: {e.Message}"));
        }
        catch (OutOfMemoryException)
        {
            return OrtApi.Failure("kernel: found no memory; expected some\0"u8);
        }
    }

    // Of interfaces before 16, which are never asked for: the table must be full nevertheless.
    [UnmanagedCallersOnly]
    private static nint CreateOld(CustomOperator* operation, nint api, nint info) => 0;

    [UnmanagedCallersOnly]
    private static void ComputeOld(nint kernel, nint context) { }

    [UnmanagedCallersOnly]
    private static byte* GetName(CustomOperator* operation) => Of(operation)->Name;

    [UnmanagedCallersOnly]
    private static byte* GetProvider(CustomOperator* operation) => null;

    [UnmanagedCallersOnly]
    private static int GetInputType(CustomOperator* operation, nuint index) => (int)index == Of(operation)->Int32Input ? Int32 : Single;

    [UnmanagedCallersOnly]
    private static nuint GetInputCount(CustomOperator* operation) => (nuint)Of(operation)->Inputs;

    [UnmanagedCallersOnly]
    private static int GetOutputType(CustomOperator* operation, nuint index) => Single;

    [UnmanagedCallersOnly]
    private static nuint GetOutputCount(CustomOperator* operation) => (nuint)Of(operation)->Outputs;

    [UnmanagedCallersOnly]
    private static int GetInputCharacteristic(CustomOperator* operation, nuint index) =>
        (int)index < Of(operation)->Required ? 0 : Optional;

    [UnmanagedCallersOnly]
    private static int GetOutputCharacteristic(CustomOperator* operation, nuint index) => Optional;

    [UnmanagedCallersOnly]
    private static int GetInputMemoryType(CustomOperator* operation, nuint index) => 0;

    [UnmanagedCallersOnly]
    private static int GetZero(CustomOperator* operation) => 0;

    [UnmanagedCallersOnly]
    private static int GetOne(CustomOperator* operation) => 1;

    private static OperatorTable* Of(CustomOperator* operation) => (OperatorTable*)operation;

    /// <summary>An operator's table, and behind it, where OnnxRuntime does not look, its signature.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct OperatorTable
    {
        public CustomOperator Operator;
        public byte* Name;
        public int Inputs,
            Required,
            Int32Input,
            Outputs;
    }

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
