import XCTest

@testable import ModelDSL

final class FormatterTests: XCTestCase {
  private func format(_ text: String) -> String { ModelDSL.format(SourceFile(path: "test.graft", text: text)).text }

  func testLayout() {
    let source = """


      import   "x.graft"   ;   size n=3,m
      let k:Float=-1+2*(-3)^-2
      // one


      // two
      func f( x:Float[n] ,
        k : Index< n >=1 )
        ->Float   // trailing
      {

          /// doc
        let (a,_)=g( x )
        let y=a+
      b*
            c
        let z = if x[0]>0 { a }
        else {
           -d
        }
        let s = sum( i in n,j in m where i<j&& !(i==j) : { let q=x[ i ];q*q } )
        let r = x[..,0]+x[ ..<n]+x[a ..<b]+x[a ..]+x[0,..<n]
        let list = [
        1,
              foo( bar(
          2
        ) )]

        return inject( f'( x ),x:g->-g, like:( a,b )->a div b)

      }
         derive value,sparse   jacobian of M.loss wrt a,first.w
      // end
      """.replacingOccurrences(of: ">=1", with: "> = 1")
    let expected = """
      import "x.graft"; size n = 3, m
      let k: Float = -1 + 2 * (-3) ^ -2
      // one

      // two
      func f(x: Float[n],
        k: Index<n> = 1) -> Float  // trailing
      {
        /// doc
        let (a, _) = g(x)
        let y = a +
          b *
          c
        let z = if x[0] > 0 { a } else {
          -d
        }
        let s = sum(i in n, j in m where i < j && !(i == j): { let q = x[i]; q * q })
        let r = x[.., 0] + x[..<n] + x[a..<b] + x[a..] + x[0, ..<n]
        let list = [
          1,
          foo(bar(
            2
          ))]

        return inject(f'(x), x: g -> -g, like: (a, b) -> a div b)
      }
      derive value, sparse jacobian of M.loss wrt a, first.w
      // end

      """
    XCTAssertEqual(format(source), expected)
    XCTAssertEqual(format(expected), expected)
  }

  func testNothingAndComments() {
    XCTAssertEqual(format(""), "")
    XCTAssertEqual(format("\n\n  // a  \r\n\r\n\r\n//b"), "// a\n\n//b\n")
    XCTAssertEqual(format("model M {\n// only\n}"), "model M {\n  // only\n}\n")
    XCTAssertEqual(format("model M {\n\n}"), "model M {\n}\n")
    XCTAssertEqual(format("model M { }"), "model M {}\n")
  }

  func testFilesWithErrorsStayAsTheyAre() {
    let (text, diagnostics) = ModelDSL.format(SourceFile(path: "test.graft", text: "let  x = \n"))
    XCTAssertEqual(text, "let  x = \n")
    XCTAssertEqual(diagnostics.count, 1)
  }
}
