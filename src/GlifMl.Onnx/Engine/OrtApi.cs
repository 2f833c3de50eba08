using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Onnx;

/// <summary>
/// OnnxRuntime's C interface, as far as an operator in managed code needs it and the managed package lacks it: functions found by their
/// place in the table that onnxruntime_c_api.h fixes for good.
/// </summary>
internal static unsafe class OrtApi
{
    /// <summary>
    /// The version of the interface that is asked for: from 16 on an operator may answer with a failure, where in older ones an exception
    /// would leave managed code; with 17 it says from which version of itself it is there.
    /// </summary>
    public const uint Version = 17;

    private const int Fail = 1; // OrtErrorCode

    private static readonly Lazy<nint> Table = new(Load);

    private enum Function
    {
        CreateStatus = 0,
        GetErrorMessage = 2,
        CreateCustomOpDomain = 26,
        CustomOpDomainAdd = 27,
        AddCustomOpDomain = 28,
        GetTensorMutableData = 51,
        GetDimensionsCount = 61,
        GetDimensions = 62,
        GetTensorTypeAndShape = 65,
        KernelInfoGetAttributeInt64 = 86,
        KernelContextGetInput = 90,
        KernelContextGetOutput = 91,
        ReleaseStatus = 93,
        ReleaseTensorTypeAndShapeInfo = 99,
    }

    /// <summary>A status that says what failed: the run then ends with these words.</summary>
    public static nint Failure(ReadOnlySpan<byte> messageWithZero)
    {
        fixed (byte* text = messageWithZero)
            return ((delegate* unmanaged<int, byte*, nint>)At(Function.CreateStatus))(Fail, text);
    }

    /// <summary>Makes a domain of operators, which lives as long as the process.</summary>
    public static nint CreateDomain(string name)
    {
        nint domain;
        fixed (byte* text = Utf8(name))
            Check(((delegate* unmanaged<byte*, nint*, nint>)At(Function.CreateCustomOpDomain))(text, &domain));
        return domain;
    }

    public static void AddToDomain(nint domain, void* operation) =>
        Check(((delegate* unmanaged<nint, void*, nint>)At(Function.CustomOpDomainAdd))(domain, operation));

    /// <summary>Makes a domain known to the sessions that these options will make.</summary>
    public static void AddDomain(SessionOptions options, nint domain)
    {
        Check(((delegate* unmanaged<nint, nint, nint>)At(Function.AddCustomOpDomain))(options.DangerousGetHandle(), domain));
        GC.KeepAlive(options);
    }

    public static long AttributeOf(nint kernelInfo, ReadOnlySpan<byte> nameWithZero)
    {
        long value;
        fixed (byte* name = nameWithZero)
            Check(((delegate* unmanaged<nint, byte*, long*, nint>)At(Function.KernelInfoGetAttributeInt64))(kernelInfo, name, &value));
        return value;
    }

    /// <summary>An input of the node that is computed; null where it has none there.</summary>
    public static OrtTensor? Input(nint context, int index)
    {
        nint value;
        Check(((delegate* unmanaged<nint, nuint, nint*, nint>)At(Function.KernelContextGetInput))(context, (nuint)index, &value));
        return value == 0 ? null : new OrtTensor(Data(value), Dims(value));
    }

    /// <summary>An output of the node that is computed, which the node must have.</summary>
    public static void* Output(nint context, int index, params ReadOnlySpan<long> dims)
    {
        nint value;
        fixed (long* shape = dims)
        {
            var get = (delegate* unmanaged<nint, nuint, long*, nuint, nint*, nint>)At(Function.KernelContextGetOutput);
            Check(get(context, (nuint)index, shape, (nuint)dims.Length, &value));
        }

        return value == 0 ? throw new InvalidOperationException($"found no output {index}; expected one") : Data(value);
    }

    private static void* Data(nint value)
    {
        void* data;
        Check(((delegate* unmanaged<nint, void**, nint>)At(Function.GetTensorMutableData))(value, &data));
        return data;
    }

    private static long[] Dims(nint value)
    {
        nint info;
        nuint count;
        Check(((delegate* unmanaged<nint, nint*, nint>)At(Function.GetTensorTypeAndShape))(value, &info));
        try
        {
            Check(((delegate* unmanaged<nint, nuint*, nint>)At(Function.GetDimensionsCount))(info, &count));
            var dims = new long[count];
            fixed (long* first = dims)
                Check(((delegate* unmanaged<nint, long*, nuint, nint>)At(Function.GetDimensions))(info, first, count));
            return dims;
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)At(Function.ReleaseTensorTypeAndShapeInfo))(info);
        }
    }

    private static void Check(nint status)
    {
        if (status == 0)
            return;
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)At(Function.GetErrorMessage))(status));
        ((delegate* unmanaged<nint, void>)At(Function.ReleaseStatus))(status);
        throw new InvalidOperationException(message);
    }

    private static nint At(Function function) => ((nint*)Table.Value)[(int)function];

    private static nint Load()
    {
        // The library that the managed package has loaded, or will.
        var library = NativeLibrary.Load(
            "onnxruntime",
            typeof(InferenceSession).Assembly,
            DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory
        );
        var getBase = (delegate* unmanaged<nint*>)NativeLibrary.GetExport(library, "OrtGetApiBase");
        var table = ((delegate* unmanaged<uint, nint>)getBase()[0])(Version);
        return table != 0 ? table : throw new NotSupportedException($"found no interface of version {Version} in this OnnxRuntime");
    }

    /// <summary>A text as C has it, with a zero at its end.</summary>
    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + "\0");
}

/// <summary>A tensor of the node that is computed: valid while it is.</summary>
internal sealed unsafe class OrtTensor(void* data, long[] dims)
{
    public void* Data => data;

    public long[] Dims => dims;
}
