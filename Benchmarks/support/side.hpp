// A side in C++, as a program with the protocol of Side.swift: program INPUTS OUTPUTS THREADS name=size …
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

class Side {
  std::string inputs, outputs;
  std::map<std::string, int> sizes;

 public:
  using Measures = std::vector<std::pair<std::string, std::function<void()>>>;

  Side(int count, char** arguments) {
    if (count < 4) fail("usage: INPUTS OUTPUTS THREADS name=size …");
    inputs = arguments[1];
    outputs = arguments[2];
    for (int i = 4; i < count; ++i) {
      std::string word = arguments[i];
      auto equals = word.find('=');
      sizes[word.substr(0, equals)] = std::stoi(word.substr(equals + 1));
    }
  }

  int size(const std::string& name) const {
    auto found = sizes.find(name);
    if (found == sizes.end()) fail("no size is called " + name);
    return found->second;
  }

  template <class Number = double>
  std::vector<Number> read(const std::string& name) const {
    std::ifstream file(inputs + "/" + name + ".bin", std::ios::binary | std::ios::ate);
    if (!file) fail("no input is called " + name);
    std::vector<Number> numbers(static_cast<size_t>(file.tellg()) / sizeof(Number));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(numbers.data()), numbers.size() * sizeof(Number));
    return numbers;
  }

  template <class Number>
  void write(const std::vector<Number>& numbers, const std::string& name) const {
    std::ofstream file(outputs + "/" + name + ".bin", std::ios::binary);
    file.write(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number));
    if (!file) fail(name + " cannot be written");
  }

  void serve(const Measures& measures) const {
    std::cout << "{\"measures\": [";
    for (size_t i = 0; i < measures.size(); ++i) std::cout << (i ? ", " : "") << '"' << measures[i].first << '"';
    std::cout << "], \"facts\": {}, \"versions\": {\"C++\": \"" << compiler() << "\"}}" << std::endl;
    std::string name;
    double seconds;
    while (std::cin >> name >> seconds) {
      auto measure = std::find_if(measures.begin(), measures.end(), [&](auto& it) { return it.first == name; });
      if (measure == measures.end()) fail("no measure is called " + name);
      auto run = times(measure->second, seconds);
      std::cout << "[";
      for (size_t i = 0; i < run.size(); ++i) std::cout << (i ? ", " : "") << run[i];
      std::cout << "]" << std::endl;
    }
  }

 private:
  [[noreturn]] static void fail(const std::string& message) {
    std::cerr << message << std::endl;
    std::exit(1);
  }

  static std::string compiler() {
#if defined(__clang__)
    return "clang " + std::to_string(__clang_major__) + "." + std::to_string(__clang_minor__);
#else
    return "g++ " + std::to_string(__GNUC__) + "." + std::to_string(__GNUC_MINOR__);
#endif
  }

  /// Milliseconds of repetitions until the time is up, at least one, after one that is not measured.
  static std::vector<double> times(const std::function<void()>& run, double seconds) {
    using clock = std::chrono::steady_clock;
    run();
    std::vector<double> result;
    auto start = clock::now(), end = start + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
    while (result.empty() || start < end) {
      run();
      auto stop = clock::now();
      result.push_back(std::chrono::duration<double, std::milli>(stop - start).count());
      start = stop;
    }
    return result;
  }
};
