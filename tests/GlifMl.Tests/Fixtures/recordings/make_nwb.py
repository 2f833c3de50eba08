"""Writes the NWB fixtures of this folder with h5py (3.7.0): python3 make_nwb.py

No recording of anybody: samples are whole numbers of a formula, so that the tests know each of them.
Layouts: NWB 1.0 as the Allen Cell Types Database ships it; NWB 2.2 with a sweep table; NWB 2.6 with a table of intracellular recordings.
"""
import os

import h5py
import numpy as np

N = 500
TEXT = h5py.string_dtype()


def volts(seed):
    """Whole numbers between -500 and 499: the response before conversion."""
    return ((np.arange(N) * 37 + seed) % 1000 - 500).astype("i2")


def amps(seed):
    """A step: the stimulus before conversion."""
    return np.where((np.arange(N) >= 100) & (np.arange(N) < 400), 10 + seed, 0).astype("i2")


def series(group, data, unit, conversion, rate, start=0.0, rate_type="f8", **options):
    d = group.create_dataset("data", data=data, **options)
    if unit is not None:
        d.attrs["unit"] = unit
    if conversion is not None:
        d.attrs["conversion"] = conversion
    t = group.create_dataset("starting_time", data=np.float64(start))
    t.attrs["rate"] = np.dtype(rate_type).type(rate)
    t.attrs["unit"] = "seconds"
    return d


def allen(path):
    with h5py.File(path, "w") as f:
        f["nwb_version"] = "NWB-1.0.5"
        f["identifier"] = "made by make_nwb.py"
        plan = [(43, "Long Square"), (63, "Noise 1"), (64, "Noise 2"), (65, "Noise 1"), (70, "Test")]
        for number, name in plan:
            response = f.create_group(f"acquisition/timeseries/Sweep_{number}")
            response.attrs["ancestry"] = np.array(
                ["TimeSeries", "PatchClampSeries", "VoltageClampSeries" if number == 70 else "CurrentClampSeries"], dtype=TEXT
            )
            response["aibs_stimulus_name"] = name
            response["num_samples"] = np.int64(N + 100 if number == 64 else N)
            # A response in volts as float32, gzip; the stimulus in amperes, chunked.
            series(response, (volts(number) * np.float32(1e-4)).astype("f4"), "Volts", np.float32(1), 200000.0,
                   compression="gzip", chunks=(150,))
            if number == 65:
                continue  # its stimulus is missing
            stimulus = f.create_group(f"stimulus/presentation/Sweep_{number}")
            stimulus["aibs_stimulus_name"] = name
            series(stimulus, (amps(number) * 1e-12).astype("f4"), "Amps", 1.0, 200000.0, chunks=(200,))
        for number, _ in plan:
            f[f"epochs/Sweep_{number}/response/timeseries"] = h5py.SoftLink(f"/acquisition/timeseries/Sweep_{number}")
            if number != 65:
                f[f"epochs/Sweep_{number}/stimulus/timeseries"] = f[f"stimulus/presentation/Sweep_{number}"]
            f[f"epochs/Sweep_{number}"].attrs["description"] = "a sweep"
        f.create_group("epochs/Experiment_43")


def typed(group, kind):
    group.attrs["namespace"] = "core"
    group.attrs["neurodata_type"] = kind
    group.attrs["object_id"] = f"{abs(hash_of(group.name)):032x}"
    return group


def hash_of(text):
    value = 0
    for c in text:
        value = (value * 131 + ord(c)) % (1 << 61)
    return value


def electrodes(f, count):
    device = typed(f.create_group("general/devices/amplifier"), "Device")
    for k in range(count):
        e = typed(f.create_group(f"general/intracellular_ephys/electrode_{k}"), "IntracellularElectrode")
        e["description"] = "a pipette"
        e["device"] = h5py.SoftLink(device.name)


def header(f, version):
    f.attrs["nwb_version"] = version
    f.attrs["namespace"] = "core"
    f.attrs["neurodata_type"] = "NWBFile"
    f.attrs[".specloc"] = f.create_group("specifications").ref
    f["identifier"] = "made by make_nwb.py"
    f["session_description"] = "no recording of anybody"


def sweep_table(path):
    """Two electrodes; int16 with conversion and offset, float64, a missing conversion, a rate in float32; numbers in the sweep table."""
    with h5py.File(path, "w", libver="latest") as f:
        header(f, "2.2.4")
        electrodes(f, 2)
        table = []
        for number in range(3):
            for electrode in range(2):
                name = f"{number:05d}_{electrode}"
                r = typed(f.create_group(f"acquisition/data_{name}_AD{electrode}"), "CurrentClampSeries")
                s = typed(f.create_group(f"stimulus/presentation/data_{name}_DA{electrode}"), "CurrentClampStimulusSeries")
                for g in (r, s):
                    g["electrode"] = h5py.SoftLink(f"/general/intracellular_ephys/electrode_{electrode}")
                    g.attrs["stimulus_description"] = ["X1PS_SubThresh", "X4PS_SupraThresh", "N/A"][number]
                    if number < 2:
                        g.attrs["sweep_number"] = np.uint64(number)
                if number == 0:
                    d = series(r, volts(electrode), "volts", np.float64(1e-4), 50000.0, 3.0, "f4", shuffle=True,
                               compression="gzip", fletcher32=True, maxshape=(None,))
                    d.attrs["offset"] = np.float32(-0.0115)
                    r["bias_current"] = np.float64(-25e-12)
                elif number == 1:
                    series(r, volts(electrode + 10) * 1e-4, "V", None, 50000.0, 4.0)
                else:
                    series(r, (volts(20) * 0.1).astype("f4"), "mV", 1.0, 50000.0)
                series(s, amps(number), "amperes", np.float32(1e-12), 50000.0, 3.0 + number, "f4")
                table.append((number, r, s))
        t = typed(f.create_group("general/intracellular_ephys/sweep_table"), "SweepTable")
        t["series"] = np.array([x.ref for row in table for x in row[1:]], dtype=h5py.ref_dtype)
        t["series_index"] = np.arange(2, 2 * len(table) + 1, 2).astype("u1")
        t["sweep_number"] = np.array([row[0] for row in table], dtype="u4")
        t["id"] = np.arange(len(table))
        v = typed(f.create_group("acquisition/data_00009_AD0"), "VoltageClampSeries")
        v.attrs["sweep_number"] = np.uint64(9)
        series(v, amps(1), "amperes", 1e-12, 50000.0)


def recordings_table(path):
    """Series without sweep numbers; rows of the table refer to stretches of them; timestamps instead of a rate."""
    with h5py.File(path, "w") as f:
        header(f, "2.6.0")
        electrodes(f, 1)
        r = typed(f.create_group("acquisition/response"), "CurrentClampSeries")
        s = typed(f.create_group("stimulus/presentation/command"), "CurrentClampStimulusSeries")
        series(r, volts(3).astype("i4"), "volts", 1e-4, 20000.0, compression="gzip", compression_opts=9)
        series(s, amps(3).astype("f8"), "amperes", 1e-12, 20000.0)
        z = typed(f.create_group("acquisition/zero"), "IZeroClampSeries")
        z.create_dataset("data", data=volts(5) * 1e-4).attrs["unit"] = "volts"
        z["timestamps"] = 1.5 + np.arange(N) * 1e-4
        reference = np.dtype([("idx_start", "i4"), ("count", "i4"), ("timeseries", h5py.ref_dtype)])
        t = typed(f.create_group("general/intracellular_ephys/intracellular_recordings"), "IntracellularRecordingsTable")
        t["id"] = np.array([11, 12, 13])
        t["responses/response"] = np.array([(0, 200, r.ref), (200, 300, r.ref), (0, N, z.ref)], dtype=reference)
        t["stimuli/stimulus"] = np.array([(0, 200, s.ref), (200, 300, s.ref), (-1, -1, z.ref)], dtype=reference)


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    allen(os.path.join(here, "nwb1-allen.nwb"))
    sweep_table(os.path.join(here, "nwb2-sweep-table.nwb"))
    recordings_table(os.path.join(here, "nwb2-recordings-table.nwb"))
